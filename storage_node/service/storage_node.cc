// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/storage_node.h"

#include <future>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/metrics/names.h"
#include "common/runtime/random_bits.h"
#include "storage_node/service/node_http.h"
#include "storage_node/service/node_metrics.h"

namespace quorumcache::node_service {
namespace {

constexpr char kReplicaService[] = "quorumcache.internal.v1.ReplicaService";
constexpr char kTransferService[] = "quorumcache.internal.v1.TransferService";
// A full disk is looked at that often; until then the node goes on by its older map.
constexpr absl::Duration kFollowAgainAfter = absl::Seconds(1);
// Streams end by themselves once told; what is left after this is cut.
constexpr absl::Duration kShutdownGrace = absl::Seconds(2);
constexpr absl::Duration kHttpShutdownGrace = absl::Milliseconds(500);

}  // namespace

StorageNode::StorageNode()
    : reflection_({kReplicaService, kTransferService, "grpc.health.v1.Health"}),
      status_([this](bool) { loop_->Post([this] { FollowStatus(); }); }) {}

absl::StatusOr<std::unique_ptr<StorageNode>> StorageNode::Start(const StorageNodeOptions& options,
                                                                const StorageNodeParts& parts) {
  std::unique_ptr<StorageNode> node(new StorageNode);
  QC_RETURN_IF_ERROR(node->Listen(options));
  node->loop_ = std::make_unique<rpc::EventLoop>(node->server_->TakeQueue(), parts.clock);
  node->Assemble(options, parts);
  node->loop_thread_ = std::thread([loop = node->loop_.get()] { loop->Run(); });
  if (absl::Status status = node->StartOutside(options, parts); !status.ok()) {
    node->Stop();
    return status;
  }
  return node;
}

absl::Status StorageNode::Listen(const StorageNodeOptions& options) {
  QC_ASSIGN_OR_RETURN(
      server_,
      rpc::Server::Start(rpc::ServerOptions{
          .listen_address = options.listen,
          .services = {&service_, &transfer_service_, health_.service(), reflection_.service()}}));
  return absl::OkStatus();
}

void StorageNode::Assemble(const StorageNodeOptions& options, const StorageNodeParts& parts) {
  grpc::ServerCompletionQueue& queue = server_->queue();
  const WorkerMetrics metrics{
      .batches = &parts.registry.AddCounter(metrics::storage_node::kBatches),
      .batch_latency = &parts.registry.AddHistogram(metrics::storage_node::kBatchLatency,
                                                    metrics::Writers::kOne),
      .stats = &stats_};
  exchange_.emplace(*loop_, options.limits);
  streams_.emplace(
      *loop_, queue, service_, *exchange_,
      rpc::BatchStreamServer::Options{.hello = {.cluster_id = parts.identity.cluster_id,
                                                .sender = parts.identity.node_id,
                                                .incarnation = parts.identity.incarnation}});
  scan_door_.emplace(*loop_, queue, service_);
  garbage_door_.emplace(*loop_, queue, service_, parts.clock);
  worker_.emplace(*loop_, parts.replica, parts.engine, parts.clock, status_, metrics,
                  [this](std::vector<EncodedReplies>& replies) { exchange_->OnReplies(replies); });
  AssembleTransfer(options, parts);
  AssembleGarbage(options, parts);
  exchange_->Connect(*streams_, *worker_);
  health_.Start(queue);
  health_.Set("", false);
  health_.Set(kReplicaService, false);
  reflection_.Start(queue);
  streams_->Start();
  scan_door_->Start(*worker_);
  garbage_door_->Start(*worker_);
  transfer_doors_->Start();
}

void StorageNode::AssembleGarbage(const StorageNodeOptions& options,
                                  const StorageNodeParts& parts) {
  transfer::GarbageSettings settings = options.garbage;
  settings.node_id = parts.identity.node_id;
  settings.seed = runtime::RandomNonZero64();
  garbage_.emplace(
      *loop_, parts.clock, settings,
      [this](std::function<void(replica::Replica&)> task) {
        worker_->PostBackground(std::move(task));
      },
      &garbage_stats_);
  follower_->SetListener([this](std::shared_ptr<const topology::ClusterMap> map) {
    garbage_->SetMap(std::move(map));
  });
}

void StorageNode::AssembleTransfer(const StorageNodeOptions& options,
                                   const StorageNodeParts& parts) {
  const transfer::PostToReplica post = [this](transfer::ReplicaTask task) {
    worker_->PostBackground(std::move(task));
  };
  replica::JoinerOptions joiner;
  joiner.bytes_per_second = options.rebalance_bytes_per_second;
  node_calls_.emplace(*loop_);
  mover_.emplace(*loop_, *node_calls_, post, joiner);
  transfer_doors_.emplace(transfer::TransferDoorsParts{.loop = *loop_,
                                                       .queue = server_->queue(),
                                                       .service = transfer_service_,
                                                       .engine = parts.engine,
                                                       .mover = *mover_,
                                                       .post = post,
                                                       .node_id = parts.identity.node_id,
                                                       .cluster_id = parts.identity.cluster_id,
                                                       .incarnation = parts.identity.incarnation});
  follower_.emplace(*worker_, status_, parts.identity, parts.partition_count,
                    [this](TransferTasks tasks) {
                      loop_->Post([this, tasks = std::move(tasks)] {
                        node_calls_->SetNodes(tasks.nodes);
                        mover_->OnTasks(tasks.joins, tasks.drops);
                      });
                    });
  follower_->SetOnRefused([this] {
    loop_->Post([this] { loop_->Arm(follow_again_, loop_->now().monotonic + kFollowAgainAfter); });
  });
}

absl::Status StorageNode::StartOutside(const StorageNodeOptions& options,
                                       const StorageNodeParts& parts) {
  AddNodeMetrics(NodeMetricSources{stats_, status_, *follower_, *streams_, *exchange_,
                                   garbage_stats_, mover_->stats(), *transfer_doors_},
                 &parts.registry);
  AddNodeRoutes(parts.registry, status_, &router_);
  QC_ASSIGN_OR_RETURN(
      http_, http::Server::Start({.host = options.http_host, .port = options.http_port}, router_));
  return follower_->Start(parts.store);
}

void StorageNode::FollowStatus() {
  // As it is now: the news of several threads may have overtaken each other.
  const bool ready = status_.IsReady();
  exchange_->SetServing(ready);
  health_.Set("", ready);
  health_.Set(kReplicaService, ready);
}

void StorageNode::RefuseNewWork() {
  exchange_->SetServing(false);
  exchange_->HandOver();
  scan_door_->Close();
  garbage_door_->Close();
  garbage_->Close();
  transfer_doors_->Close();
  mover_->Stop();
  loop_->Cancel(follow_again_);
}

void StorageNode::CloseDoors() {
  streams_->Close();
  health_.Close();
  reflection_.Close();
  server_->Shutdown(*loop_, kShutdownGrace, [this] { loop_->Stop(); });
}

void StorageNode::Stop() {
  if (!loop_thread_.joinable()) return;
  status_.SetStopping();
  if (http_ != nullptr) http_->Shutdown(kHttpShutdownGrace);
  follower_->Stop();
  std::promise<void> refusing;
  loop_->Post([this, &refusing] {
    RefuseNewWork();
    refusing.set_value();
  });
  refusing.get_future().wait();
  // Its last replies are posted to the loop before what follows.
  worker_->Stop();
  loop_->Post([this] { CloseDoors(); });
  loop_thread_.join();
  loop_->Drain();
}

StorageNode::~StorageNode() {
  Stop();
}

}  // namespace quorumcache::node_service
