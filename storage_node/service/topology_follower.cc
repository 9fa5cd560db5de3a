// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/topology_follower.h"

#include <glog/logging.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace quorumcache::node_service {
namespace {

replica::Self SelfOf(const Identity& identity) {
  return {.id = identity.node_id, .incarnation = identity.incarnation};
}

}  // namespace

absl::Status CheckMembership(const topology::ClusterMap& map, const Identity& identity) {
  if (map.cluster_id != identity.cluster_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the topology store now holds cluster ", map.cluster_id, ", not ", identity.cluster_id));
  }
  const std::optional<topology::NodeIndex> node = map.FindNode(identity.node_id);
  if (!node.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "waiting: node ", identity.node_id, " is not in the map of cluster ", identity.cluster_id,
        "; `qcctl node add --address` with the address of its gRPC door adds it"));
  }
  if (map.nodes[*node].incarnation != identity.incarnation && identity.is_waiting) {
    return absl::FailedPreconditionError(
        absl::StrCat("waiting: the data directory was empty, but the cluster map knows node ",
                     identity.node_id, " as incarnation ", absl::Hex(map.nodes[*node].incarnation),
                     ": what that one acknowledged is gone here, so this one takes no part; `qcctl "
                     "node replace ",
                     identity.node_id, "` copies everything from the other replicas"));
  }
  if (map.nodes[*node].incarnation != identity.incarnation) {
    return absl::FailedPreconditionError(
        absl::StrCat("the cluster map has bound node ", identity.node_id,
                     " to another data directory; this one takes no part any more"));
  }
  return absl::OkStatus();
}

absl::Status TopologyFollower::Start(topology::TopologyStore& store) {
  QC_ASSIGN_OR_RETURN(
      std::unique_ptr<topology::TopologyWatch> watch,
      store.Watch([this](const absl::StatusOr<topology::ClusterMap>& map) { OnMap(map); }));
  base::MutexLock lock(mutex_);
  watch_ = std::move(watch);
  return absl::OkStatus();
}

void TopologyFollower::Stop() {
  // Destroyed without the lock: that waits for a callback.
  std::unique_ptr<topology::TopologyWatch> ended;
  base::MutexLock lock(mutex_);
  ended = std::move(watch_);
}

double TopologyFollower::AgeSeconds() const {
  base::MutexLock lock(mutex_);
  return watch_ == nullptr ? 0 : absl::ToDoubleSeconds(watch_->Age());
}

void TopologyFollower::OnMap(const absl::StatusOr<topology::ClusterMap>& map) {
  if (!map.ok()) {
    // What is known stays good: the data path does not need the store.
    LOG(WARNING) << "the topology store cannot be read: " << map.status().message();
    status_.SetStore(map.status());
    return;
  }
  status_.SetStore(absl::OkStatus());
  if (map->partitions.size() != partition_count_) {
    const absl::Status membership = CheckMembership(*map, identity_);
    status_.SetTopology(membership.ok()
                            ? absl::FailedPreconditionError("the number of partitions has changed")
                            : membership);
    return;
  }
  worker_.Post([this, map = *map](replica::Replica& replica) { Obey(map, replica); });
  if (listener_ && CheckMembership(*map, identity_).ok()) {
    listener_(std::make_shared<const topology::ClusterMap>(*map));
  }
}

void TopologyFollower::TryAgain() {
  worker_.Post([this](replica::Replica& replica) {
    if (refused_.has_value()) Obey(topology::ClusterMap(*refused_), replica);
  });
}

void TopologyFollower::Obey(const topology::ClusterMap& map, replica::Replica& replica) {
  const bool is_ours = map.cluster_id == identity_.cluster_id;
  const replica::Self self = is_ours ? SelfOf(identity_) : replica::Self{};
  absl::Status status = replica.Configure(replica::AssignmentsOf(map, self));
  if (!status.ok()) {
    refused_ = map;
    if (on_refused_) on_refused_();
  } else {
    refused_.reset();
    epoch_.Set(static_cast<int64_t>(map.epoch));
    status = CheckMembership(map, identity_);
    if (is_ours) {
      on_tasks_({.nodes = map.nodes,
                 .joins = replica::JoinTasksOf(map, self, replica),
                 .drops = replica::DropTasksOf(map, replica)});
    }
  }
  Tell(map.epoch, status);
  status_.SetTopology(status);
}

void TopologyFollower::Tell(uint64_t epoch, const absl::Status& status) {
  if (status == told_) return;
  told_ = status;
  if (status.ok()) {
    LOG(INFO) << "cluster map " << epoch << ": this node takes part";
  } else {
    LOG(WARNING) << "cluster map " << epoch << ": " << status.message();
  }
}

}  // namespace quorumcache::node_service
