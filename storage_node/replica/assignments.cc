// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/assignments.h"

#include <optional>

namespace quorumcache::replica {
namespace {

using topology::ClusterMap;
using topology::NodeIndex;
using topology::PartitionEntry;
using topology::Slot;

NodeIndex IndexOf(const ClusterMap& map, const Self& self) {
  const std::optional<NodeIndex> node = map.FindNode(self.id);
  const bool is_member = node.has_value() && map.nodes[*node].incarnation == self.incarnation;
  return is_member ? *node : topology::kNoNode;
}

NodeRef RefOf(const ClusterMap& map, NodeIndex node) {
  return {map.nodes[node].id, map.nodes[node].incarnation};
}

uint32_t MajorityOf(const PartitionEntry& entry) {
  return static_cast<uint32_t>(entry.slots.size() / 2 + 1);
}

// The holders of the slots that have one, but for `self`.
std::vector<NodeRef> HoldersOf(const ClusterMap& map, const PartitionEntry& entry, NodeIndex self) {
  std::vector<NodeRef> holders;
  for (const Slot& slot : entry.slots) {
    if (slot.holder != topology::kNoNode && slot.holder != self) {
      holders.push_back(RefOf(map, slot.holder));
    }
  }
  return holders;
}

}  // namespace

std::vector<PartitionAssignment> AssignmentsOf(const ClusterMap& map, const Self& self) {
  const NodeIndex node = IndexOf(map, self);
  std::vector<PartitionAssignment> assignments;
  assignments.reserve(map.partitions.size());
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    const PartitionEntry& entry = map.partitions[partition];
    PartitionAssignment assignment{.partition = partition,
                                   .epoch = entry.epoch,
                                   .ballot_floor_epoch = entry.ballot_floor_epoch};
    for (const Slot& slot : entry.slots) {
      if (!slot.Names(node)) continue;
      assignment.is_held = true;
      assignment.is_joiner = slot.joiner == node;
    }
    assignments.push_back(assignment);
  }
  return assignments;
}

std::vector<JoinTask> JoinTasksOf(const ClusterMap& map, const Self& self, const Replica& replica) {
  const NodeIndex node = IndexOf(map, self);
  std::vector<JoinTask> tasks;
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    const PartitionEntry& entry = map.partitions[partition];
    // What the replica has not taken from this map (its disk was full, it knows a newer one) waits.
    if (replica.partitions().assigned_epoch(partition) != entry.epoch) continue;
    for (const Slot& slot : entry.slots) {
      if (node == topology::kNoNode || slot.joiner != node) continue;
      JoinTask task{.partition = partition,
                    .epoch = entry.epoch,
                    .ballot_floor_epoch = entry.ballot_floor_epoch,
                    .same_slot = slot.IsMoving()};
      task.sources = slot.IsMoving() ? std::vector<NodeRef>{RefOf(map, slot.holder)}
                                     : HoldersOf(map, entry, node);
      task.sources_needed = slot.IsMoving() ? 1 : MajorityOf(entry);
      task.complete = replica.partitions().HasWholeCopy(partition);
      task.progress = replica.ProgressOf(partition);
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

std::vector<DropTask> DropTasksOf(const ClusterMap& map, const Replica& replica) {
  std::vector<DropTask> tasks;
  const PartitionTable& table = replica.partitions();
  for (uint32_t partition = 0; partition < map.partitions.size(); ++partition) {
    const PartitionEntry& entry = map.partitions[partition];
    // A vacant slot may yet be its old node's again: abort gives it back.
    if (!entry.IsSettled() || table.IsHeld(partition) ||
        table.row(partition).copy == CopyState::kNone ||
        table.assigned_epoch(partition) != entry.epoch) {
      continue;
    }
    tasks.push_back(DropTask{.partition = partition,
                             .epoch = entry.epoch,
                             .others_needed = MajorityOf(entry),
                             .others = HoldersOf(map, entry, topology::kNoNode)});
  }
  return tasks;
}

}  // namespace quorumcache::replica
