// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/cluster.h"

#include <poll.h>

#include <boost/json.hpp>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "tests/histories/packet_filter.h"
#include "tests/integration/http_client.h"
#include "tests/support/socket_owner.h"

namespace quorumcache::histories {
namespace {

// A file that another process is about to write; there is no event for it.
constexpr int kPollIntervalMs = 5;
constexpr absl::Duration kPortsTimeout = absl::Minutes(1);

uint16_t PortOf(const std::string& address) {
  uint32_t port = 0;
  const bool is_port = absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port);
  QC_CHECK(is_port && port <= 65535);
  return static_cast<uint16_t>(port);
}

std::string GrpcDoorOf(const std::string& member) {
  return member;
}

std::string HttpDoorOf(const std::string& member) {
  return absl::StrCat(member, "/http");
}

std::string TextOf(const boost::json::value& text) {
  return std::string(text.as_string().data(), text.as_string().size());
}

}  // namespace

ChangeProgress ParseProgress(const std::string& json) {
  const boost::json::value root = boost::json::parse(json);
  ChangeProgress progress{.is_idle = root.at("state") == "idle",
                          .epoch = root.at("epoch").to_number<int64_t>(),
                          .replicas_done = root.at("replicas_done").to_number<int64_t>(),
                          .replicas_total = root.at("replicas_total").to_number<int64_t>(),
                          .driver = TextOf(root.at("driver")),
                          .text = json};
  for (const boost::json::value& one : root.at("transfers").as_array()) {
    progress.transfers.emplace_back(TextOf(one.at("from")), TextOf(one.at("to")));
  }
  return progress;
}

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(const std::string& data_dir,
                                                        const ClusterOptions& options) {
  auto cluster = std::unique_ptr<Cluster>(new Cluster(data_dir));
  QC_RETURN_IF_ERROR(cluster->OpenDoors());
  QC_RETURN_IF_ERROR(cluster->Launch(options));
  // The members need the proxies to become ready.
  QC_RETURN_IF_ERROR(cluster->FindPorts());
  QC_RETURN_IF_ERROR(cluster->playground_->WaitUntilStarted());
  cluster->RememberPids();
  // Made before the members had names, so of no known link.
  for (const std::string& node : cluster->storage_nodes_) {
    cluster->proxy_->Reset({"clients", GrpcDoorOf(node)});
  }
  QC_RETURN_IF_ERROR(cluster->Heal());
  return cluster;
}

absl::Status Cluster::Launch(const ClusterOptions& options) {
  std::vector<std::string> flags = {"--coordinators", "3"};
  for (const std::string& node : storage_nodes_) {
    if (options.is_direct) break;
    flags.push_back("--advertise");
    flags.push_back(absl::StrCat(node, "=", proxy_->Address(GrpcDoorOf(node))));
  }
  if (options.partitions > 0) {
    flags.insert(flags.end(), {"--partitions", absl::StrCat(options.partitions)});
  }
  if (options.with_etcd) {
    QC_ASSIGN_OR_RETURN(etcd_, integration::Etcd::Start(data_dir_ + "-etcd"));
    std::vector<std::string> endpoints;
    for (size_t i = 0; i < etcd_->member_count(); ++i) endpoints.push_back(etcd_->Endpoint(i));
    flags.insert(flags.end(), {"--etcd-endpoints", absl::StrJoin(endpoints, ",")});
  }
  QC_ASSIGN_OR_RETURN(playground_, integration::Playground::Launch(data_dir_, flags));
  return absl::OkStatus();
}

Cluster::~Cluster() {
  proxy_.reset();
}

absl::Status Cluster::OpenDoors() {
  QC_ASSIGN_OR_RETURN(proxy_, support::TcpProxy::Start([this](const support::TcpProxy::Peer& peer) {
                        return SourceOf(peer);
                      }));
  for (const std::string& node : storage_nodes_) {
    QC_RETURN_IF_ERROR(proxy_->Open(GrpcDoorOf(node)));
  }
  for (const std::string& coordinator : coordinators_) {
    QC_RETURN_IF_ERROR(proxy_->Open(GrpcDoorOf(coordinator)));
    QC_RETURN_IF_ERROR(proxy_->Open(HttpDoorOf(coordinator)));
  }
  return absl::OkStatus();
}

// DIR/ports: a line a member, NAME GRPC HTTP; it appears whole.
absl::Status Cluster::FindPorts() {
  const absl::Time until = absl::Now() + kPortsTimeout;
  std::ifstream file;
  while (absl::Now() < until) {
    file.open(absl::StrCat(data_dir_, "/ports"));
    if (file.is_open()) break;
    poll(nullptr, 0, kPollIntervalMs);
  }
  std::string name, grpc, http;
  size_t members = 0;
  for (; file >> name >> grpc >> http; ++members) {
    proxy_->SetTarget(GrpcDoorOf(name), PortOf(grpc));
    if (name[0] == 'c') proxy_->SetTarget(HttpDoorOf(name), PortOf(http));
  }
  if (members == storage_nodes_.size() + coordinators_.size()) return absl::OkStatus();
  return absl::UnavailableError("the playground did not say where its members are");
}

std::vector<std::string> Cluster::GrpcAddresses() const {
  std::vector<std::string> addresses;
  for (const std::string& name : coordinators_) addresses.push_back(proxy_->Address(name));
  return addresses;
}

std::vector<std::string> Cluster::HttpAddresses() const {
  std::vector<std::string> addresses;
  for (const std::string& name : coordinators_) {
    addresses.push_back(proxy_->Address(HttpDoorOf(name)));
  }
  return addresses;
}

integration::Member& Cluster::Find(const std::string& member) {
  auto& members = member[0] == 'c' ? playground_->coordinators() : playground_->storage_nodes();
  size_t number = 0;
  QC_CHECK(absl::SimpleAtoi(member.substr(1), &number) && number - 1 < members.size());
  return members[number - 1];
}

uint16_t Cluster::PortOfNode(const std::string& node) {
  return PortOf(Find(node).grpc);
}

std::vector<uint16_t> Cluster::PortsTowards(const std::string& member, const std::string& node) {
  return histories::PortsTowards(Find(member).pid, PortOfNode(node));
}

void Cluster::RememberPids() {
  base::MutexLock lock(mutex_);
  names_.clear();
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const std::string& name : *list) names_[Find(name).pid] = name;
  }
}

std::string Cluster::SourceOf(const support::TcpProxy::Peer& peer) {
  if (peer.door[0] == 'c') return "clients";
  std::map<pid_t, std::string> names;
  {
    base::MutexLock lock(mutex_);
    names = names_;
  }
  // Starting: looked at again when it has started, see Start.
  if (names.empty()) return "clients";
  std::vector<pid_t> pids;
  for (const auto& [pid, name] : names) pids.push_back(pid);
  const auto owner = support::SocketOwner(peer.source_port, peer.door_port, pids);
  return owner ? names.at(*owner) : "clients";
}

void Cluster::Kill(const std::string& member) {
  playground_->Kill(Find(member));
  is_killed_[member] = true;
}

absl::Status Cluster::Restart(const std::string& member) {
  if (!is_killed_[member]) return absl::OkStatus();
  is_killed_[member] = false;
  QC_RETURN_IF_ERROR(playground_->RestartWithoutWaiting(Find(member)));
  RememberPids();
  return absl::OkStatus();
}

void Cluster::Pause(const std::string& member) {
  is_paused_[member] = true;
  if (!is_killed_[member]) playground_->Pause(Find(member));
}

void Cluster::Resume(const std::string& member) {
  is_paused_[member] = false;
  if (!is_killed_[member]) playground_->Resume(Find(member));
}

absl::StatusOr<std::string> Cluster::StartNode(const std::vector<std::string>& flags) {
  const std::string node = absl::StrCat("n", nodes_started_ + 1);
  QC_RETURN_IF_ERROR(proxy_->Open(GrpcDoorOf(node)));
  QC_RETURN_IF_ERROR(playground_->StartNode(node, flags));
  ++nodes_started_;
  storage_nodes_.push_back(node);
  proxy_->SetTarget(GrpcDoorOf(node), PortOf(Find(node).grpc));
  RememberPids();
  return node;
}

absl::Status Cluster::RestartWiped(const std::string& node) {
  Kill(node);
  is_killed_[node] = false;
  QC_RETURN_IF_ERROR(playground_->RestartWiped(Find(node)));
  RememberPids();
  return absl::OkStatus();
}

void Cluster::Dismiss(const std::string& node) {
  if (!is_killed_[node]) Kill(node);
  std::erase(storage_nodes_, node);
  RememberPids();
}

absl::StatusOr<std::string> Cluster::Qcctl(const std::vector<std::string>& arguments) const {
  const integration::CommandResult result = playground_->Qcctl(arguments);
  if (result.exit_code == 0) return result.output;
  return absl::FailedPreconditionError(absl::StrCat("qcctl ", absl::StrJoin(arguments, " "),
                                                    " ends with ", result.exit_code, ": ",
                                                    result.output));
}

absl::StatusOr<ChangeProgress> Cluster::Progress() const {
  const std::vector<ChangeProgress> all = ProgressOfAll();
  if (!all.empty()) return all[0];
  return absl::UnavailableError("no coordinator tells how far the change is");
}

std::vector<ChangeProgress> Cluster::ProgressOfAll() const {
  std::vector<ChangeProgress> all;
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    const auto is = [&](const std::map<std::string, bool>& what) {
      const auto found = what.find(coordinators_[i]);
      return found != what.end() && found->second;
    };
    if (is(is_killed_) || is(is_paused_)) continue;
    const auto reply =
        integration::HttpCall(playground_->coordinators()[i].http, "GET", "/v1/cluster/changes");
    if (reply.ok() && reply->status == 200) all.push_back(ParseProgress(reply->body));
  }
  return all;
}

absl::Status Cluster::AwaitAllUp() {
  for (const std::string& name : coordinators_) {
    QC_RETURN_IF_ERROR(integration::WaitUntilNodesUp(Find(name), storage_nodes_.size()));
  }
  return absl::OkStatus();
}

absl::Status Cluster::Heal() {
  proxy_->Heal();
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const std::string& name : *list) {
      Resume(name);
      QC_RETURN_IF_ERROR(Restart(name));
    }
  }
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const std::string& name : *list) {
      QC_RETURN_IF_ERROR(integration::WaitUntilReady(Find(name)));
    }
  }
  return AwaitAllUp();
}

}  // namespace quorumcache::histories
