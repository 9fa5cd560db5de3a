// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/coordinator.h"

#include <glog/logging.h>

#include <algorithm>
#include <future>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {
namespace {

constexpr absl::Duration kTick = absl::Seconds(1);
// At the start calls wait for the storage nodes, or a proxy that finds us again at once would pass
// on refusals. Not for ever: without a majority there are still answers to give.
constexpr int kTicksClosedMax = 2;
// How often a shutdown looks whether the last scan has ended; they all do within a second.
constexpr absl::Duration kIdlePoll = absl::Milliseconds(5);
// Nobody who still sends to this coordinator is silent for longer, unless it waits before it tries
// again; then it has heard of the end of the connection before that.
constexpr absl::Duration kQuiet = absl::Milliseconds(50);

ReplicaStats StatsOf(const std::string& node_id, const rpc::BatchStreamClient* client) {
  ReplicaStats stats;
  stats.node_id = node_id;
  if (client == nullptr) return stats;
  const rpc::ReplicaHealth health = client->health();
  stats.up = health.up;
  stats.requests = health.requests;
  stats.batches = health.batches;
  stats.connects = health.connects;
  stats.breaks = health.breaks;
  stats.in_flight = client->in_flight();
  stats.latency_mean_seconds = absl::ToDoubleSeconds(health.read_latency_mean);
  stats.latency_p99_seconds = absl::ToDoubleSeconds(client->HedgeDelay(absl::ZeroDuration()));
  return stats;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Start(CoordinatorOptions options,
                                                                topology::TopologyStore& store,
                                                                const base::Clock& clock,
                                                                CoordinatorMetrics& metrics) {
  auto front = std::make_unique<GrpcFront>();
  rpc::ServerOptions server_options;
  server_options.listen_address = options.listen_address;
  server_options.services = front->services();
  QC_ASSIGN_OR_RETURN(std::unique_ptr<rpc::Server> server, rpc::Server::Start(server_options));
  auto coordinator = std::unique_ptr<Coordinator>(new Coordinator(
      std::move(options), store, clock, metrics, std::move(server), std::move(front)));
  // Also where there is no map to follow: taking a server down needs its loop.
  coordinator->Run();
  QC_RETURN_IF_ERROR(coordinator->follower_.Start());
  return coordinator;
}

Coordinator::Coordinator(CoordinatorOptions options, topology::TopologyStore& store,
                         const base::Clock& clock, CoordinatorMetrics& metrics,
                         std::unique_ptr<rpc::Server> server, std::unique_ptr<GrpcFront> front)
    : options_(std::move(options)),
      metrics_(metrics),
      front_(std::move(front)),
      server_(std::move(server)),
      loop_(std::make_unique<rpc::EventLoop>(server_->TakeQueue(), clock)),
      loop_services_(*loop_),
      links_(*loop_, {options_.name, options_.seed, [this] { OnHealthChange(); }}),
      scan_client_(*loop_, links_),
      backend_(std::make_unique<CoreBackend>(CoreBackend::Parts{
          loop_services_, links_, scan_client_, metrics_, options_.limits, options_.seed,
          SlowLogOptions{options_.slow_threshold, options_.name}})),
      follower_(
          store, loop_services_, [this](topology::ClusterMap map) { OnMap(std::move(map)); },
          [this](const absl::Status& status) { backend_->SetStore(status); }),
      node_calls_(*loop_),
      driver_({loop_services_, store, node_calls_, tasks_, options_.name}),
      admin_({loop_services_, store, node_calls_, tasks_, driver_}) {
  front_->Start(*loop_, server_->queue(), *backend_, metrics_.registry());
  front_->ServeAdmin(*loop_, server_->queue(), admin_, metrics_.registry());
  loop_->Arm(ticker_, loop_->now().monotonic + kTick);
}

Coordinator::~Coordinator() {
  Shutdown(absl::ZeroDuration());
}

void Coordinator::Run() {
  thread_ = std::thread([this] { loop_->Run(); });
}

void Coordinator::OnMap(topology::ClusterMap map) {
  // The watch begins with the map that was read before it.
  if (map.epoch <= backend_->Health().epoch) return;
  LOG(INFO) << "cluster map epoch " << map.epoch << ": " << map.nodes.size() << " storage nodes, "
            << map.partitions.size() << " partitions";
  map_links_ = links_.Apply(map);
  driver_.OnMap(map);
  admin_.OnMap(map);
  backend_->SetTopology(
      std::make_shared<const TopologyView>(std::move(map), map_links_, options_.zone));
  OnHealthChange();
}

void Coordinator::OnHealthChange() {
  backend_->RefreshHealth();
  admin_.OnHealth(backend_->Health());
  if (backend_->Health().ready()) OpenDoors();
  front_->SetServing(!announced_ && backend_->Health().ready());
}

void Coordinator::OpenDoors() {
  if (open_) return;
  open_ = true;
  front_->Open();
  opened_.set_value();
}

void Coordinator::OnTick() {
  if (++ticks_ >= kTicksClosedMax) OpenDoors();
  metrics_.Publish(Snapshot());
  loop_->Arm(ticker_, loop_->now().monotonic + kTick);
}

CoordinatorSnapshot Coordinator::Snapshot() const {
  CoordinatorSnapshot snapshot;
  snapshot.in_flight = backend_->in_flight();
  snapshot.slow_operations = backend_->slow_operations();
  snapshot.operations = backend_->counters();
  snapshot.health = backend_->Health();
  snapshot.map_age_seconds = follower_.AgeSeconds();
  snapshot.rebalance = admin_.Stats();
  for (const LinkId link : map_links_) {
    snapshot.replicas.push_back(StatsOf(links_.NodeIdOf(link), links_.client(link)));
    snapshot.replicas.back().failures = backend_->FailuresOf(link);
  }
  return snapshot;
}

void Coordinator::AnnounceShutdown() {
  backend_->AnnounceShutdown();
  loop_->Post([this] {
    announced_ = true;
    OnHealthChange();
  });
}

void Coordinator::StopListening() {
  server_->StopListening();
}

void Coordinator::Shutdown(absl::Duration grace) {
  if (stopped_) return;
  stopped_ = true;
  follower_.Stop();
  if (thread_.joinable()) {
    // First of all, so that another coordinator goes on with a change.
    (void)Ask([this] {
      driver_.Stop();
      return true;
    });
    const absl::Time end = absl::Now() + grace;
    RefuseCalls(grace);
    StopCalls(std::max(end - absl::Now(), absl::ZeroDuration()));
    AwaitIdle();
    (void)Ask([this] {
      admin_.Stop();
      return true;
    });
    tasks_.Stop();
    loop_->Stop();
    thread_.join();
  }
  links_.Close();
  loop_->Drain();
}

bool Coordinator::Ask(std::function<bool()> ask) {
  std::promise<bool> asked;
  loop_->Post([&asked, &ask] { asked.set_value(ask()); });
  return asked.get_future().get();
}

// gRPC cancels, without a word of ours, what reaches it between its own shutdown and the moment at
// which the caller hears of that. So callers are sent away first, with an error that says so, until
// none comes any more.
void Coordinator::RefuseCalls(absl::Duration grace) {
  const absl::Time end = absl::Now() + grace;
  if (grace <= absl::ZeroDuration()) return;
  (void)Ask([this] {
    OpenDoors();
    announced_ = true;
    OnHealthChange();
    backend_->BeginDrain();
    front_->CloseDoors();
    return true;
  });
  while (!Ask([this] { return backend_->idle() && backend_->QuietFor(kQuiet); })) {
    if (absl::Now() >= end) return;
    absl::SleepFor(kIdlePoll);
  }
}

void Coordinator::StopCalls(absl::Duration grace) {
  std::promise<void> stopped;
  loop_->Post([this, grace, &stopped] {
    OpenDoors();
    front_->Close();
    server_->Shutdown(*loop_, grace, [&stopped] { stopped.set_value(); });
  });
  stopped.get_future().wait();
}

void Coordinator::AwaitIdle() {
  // Calls that were cut off are answered here, to nobody: their operations must end before the loop
  // does.
  const auto expire = [this] {
    backend_->BeginDrain();
    backend_->ExpireAll();
    return backend_->idle() && admin_.idle();
  };
  while (!Ask(expire)) absl::SleepFor(kIdlePoll);
}

}  // namespace quorumcache::service
