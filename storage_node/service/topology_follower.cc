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

bool Names(const topology::PartitionEntry& entry, topology::NodeIndex node) {
  for (const topology::Slot& slot : entry.slots) {
    if (slot.Names(node)) return true;
  }
  return false;
}

}  // namespace

absl::Status CheckMembership(const topology::ClusterMap& map, const Identity& identity) {
  if (map.cluster_id != identity.cluster_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the topology store now holds cluster ", map.cluster_id, ", not ", identity.cluster_id));
  }
  const std::optional<topology::NodeIndex> node = map.FindNode(identity.node_id);
  if (!node.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("node ", identity.node_id, " is not in the cluster map"));
  }
  if (map.nodes[*node].incarnation != identity.incarnation) {
    return absl::FailedPreconditionError(
        absl::StrCat("the cluster map has bound node ", identity.node_id,
                     " to another data directory; this one takes no part any more"));
  }
  return absl::OkStatus();
}

std::vector<replica::PartitionAssignment> AssignmentsOf(const topology::ClusterMap& map,
                                                        const Identity& identity) {
  const bool is_member = CheckMembership(map, identity).ok();
  const topology::NodeIndex self =
      is_member ? *map.FindNode(identity.node_id) : topology::NodeIndex{topology::kNoNode};
  std::vector<replica::PartitionAssignment> assignments;
  assignments.reserve(map.partitions.size());
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    const topology::PartitionEntry& entry = map.partitions[partition];
    assignments.push_back(
        replica::PartitionAssignment{.partition = partition,
                                     .epoch = entry.epoch,
                                     .ballot_floor_epoch = entry.ballot_floor_epoch,
                                     .is_held = is_member && Names(entry, self)});
  }
  return assignments;
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
  absl::Status membership = CheckMembership(*map, identity_);
  if (membership.ok() && map->partitions.size() != partition_count_) {
    membership = absl::FailedPreconditionError("the number of partitions has changed");
  }
  if (map->partitions.size() != partition_count_) {
    LOG(ERROR) << membership.message();
    status_.SetTopology(membership);
    return;
  }
  worker_.Post([this, epoch = static_cast<int64_t>(map->epoch), membership,
                assignments = AssignmentsOf(*map, identity_)](replica::Replica& replica) {
    absl::Status status = replica.Configure(assignments);
    if (status.ok()) {
      epoch_.Set(epoch);
      status = membership;
    }
    if (!status.ok()) LOG(ERROR) << "cluster map " << epoch << ": " << status.message();
    status_.SetTopology(status);
  });
  if (listener_ && membership.ok()) listener_(std::make_shared<const topology::ClusterMap>(*map));
}

}  // namespace quorumcache::node_service
