// SPDX-License-Identifier: Apache-2.0
// Checks on the step from one map to the next: a map can be sound by itself and still tear a quorum
// apart.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"

namespace quorumcache::topology {
namespace {

absl::Status Refused(absl::string_view what, absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("cluster map change: ", what, ": ", why));
}

// Index of each node of one map in another one; kNoNode where it is not there.
std::vector<NodeIndex> Translation(const ClusterMap& from, const ClusterMap& to) {
  std::map<absl::string_view, NodeIndex> index_of;
  for (size_t i = 0; i < to.nodes.size(); ++i) {
    index_of.emplace(to.nodes[i].id, static_cast<NodeIndex>(i));
  }
  std::vector<NodeIndex> translation;
  translation.reserve(from.nodes.size());
  for (const Node& node : from.nodes) {
    const auto found = index_of.find(node.id);
    translation.push_back(found == index_of.end() ? kNoNode : found->second);
  }
  return translation;
}

// `slot` in the numbers of another map. A node that is not there becomes a number that no node has.
Slot Translate(const Slot& slot, const std::vector<NodeIndex>& translation) {
  constexpr NodeIndex kGone = kNoNode - 1;
  const auto translate = [&](NodeIndex node) {
    if (node == kNoNode) return kNoNode;
    QC_CHECK(node < translation.size());
    return translation[node] == kNoNode ? kGone : translation[node];
  };
  return {translate(slot.holder), translate(slot.joiner)};
}

// The steps of docs/PROTOCOL.md#topology. Requires: before != after, both in the same numbers.
bool IsStep(const Slot& before, const Slot& after) {
  // A holder has died, or the node that was to take over has.
  if (after.IsVacant()) return true;
  // Complete, or aborted: the holder from before is back, whom the map has forgotten.
  if (before.IsVacant()) return after.IsSettled();
  // Complete, or aborted.
  if (before.IsMoving()) {
    return after.IsSettled() && (after.holder == before.joiner || after.holder == before.holder);
  }
  return after.IsMoving() && after.holder == before.holder;
}

absl::Status CheckChangedEntry(const PartitionEntry& before, const PartitionEntry& after,
                               const std::vector<NodeIndex>& translation, uint64_t map_epoch,
                               absl::string_view what) {
  if (after.epoch != map_epoch) {
    return Refused(what, absl::StrCat("it changed, so its epoch must be the map's ", map_epoch,
                                      ", not ", after.epoch));
  }
  size_t changed = 0;
  for (size_t i = 0; i < after.slots.size(); ++i) {
    const Slot old_slot = Translate(before.slots[i], translation);
    if (old_slot == after.slots[i]) continue;
    ++changed;
    if (!IsStep(old_slot, after.slots[i])) {
      return Refused(what, absl::StrCat("slot ", i,
                                        " must go through the pair of both nodes, or be vacant, "
                                        "before another node stands alone"));
    }
    // Or the joiner could take an old Accept before it has the holder's promise.
    if (!after.slots[i].IsSettled() && after.ballot_floor_epoch != after.epoch) {
      return Refused(what, absl::StrCat("slot ", i,
                                        " starts to move, so ballot_floor_epoch must be the "
                                        "entry's epoch ",
                                        after.epoch));
    }
  }
  if (changed > 1) return Refused(what, "more than one of its slots changes");
  return absl::OkStatus();
}

bool SameEntry(const PartitionEntry& before, const PartitionEntry& after,
               const std::vector<NodeIndex>& translation) {
  return before.ballot_floor_epoch == after.ballot_floor_epoch &&
         std::equal(before.slots.begin(), before.slots.end(), after.slots.begin(),
                    after.slots.end(), [&](const Slot& old_slot, const Slot& new_slot) {
                      return Translate(old_slot, translation) == new_slot;
                    });
}

absl::Status CheckEntry(const PartitionEntry& before, const PartitionEntry& after,
                        const std::vector<NodeIndex>& translation, uint64_t map_epoch,
                        absl::string_view what) {
  if (after.epoch < before.epoch) {
    return Refused(what,
                   absl::StrCat("its epoch goes back from ", before.epoch, " to ", after.epoch));
  }
  if (after.ballot_floor_epoch < before.ballot_floor_epoch) {
    return Refused(what, absl::StrCat("its ballot_floor_epoch goes back from ",
                                      before.ballot_floor_epoch, " to ", after.ballot_floor_epoch));
  }
  // An epoch may be raised without a change: that fences, and harms nothing.
  if (SameEntry(before, after, translation)) return absl::OkStatus();
  return CheckChangedEntry(before, after, translation, map_epoch, what);
}

bool IsHolder(const ClusterMap& map, NodeIndex node) {
  return std::any_of(map.partitions.begin(), map.partitions.end(),
                     [&](const PartitionEntry& entry) {
                       return std::any_of(entry.slots.begin(), entry.slots.end(),
                                          [&](const Slot& slot) { return slot.holder == node; });
                     });
}

// A new incarnation knows nothing of what the old one promised: it may join, and must not hold.
absl::Status CheckIncarnations(const ClusterMap& before, const ClusterMap& after,
                               const std::vector<NodeIndex>& translation) {
  for (size_t i = 0; i < before.nodes.size(); ++i) {
    const Node& old_node = before.nodes[i];
    if (translation[i] == kNoNode || old_node.incarnation == 0) continue;
    if (after.nodes[translation[i]].incarnation == old_node.incarnation) continue;
    if (!IsHolder(after, translation[i])) continue;
    return Refused(absl::StrCat("node ", old_node.id),
                   "its incarnation changes while it holds partitions; replace the node first");
  }
  return absl::OkStatus();
}

absl::Status CheckFixedFields(const ClusterMap& before, const ClusterMap& after) {
  if (after.cluster_id != before.cluster_id) {
    return Refused("cluster_id", absl::StrCat("the map of cluster ", after.cluster_id,
                                              " cannot follow one of cluster ", before.cluster_id));
  }
  if (after.epoch != before.epoch + 1) {
    return Refused("epoch", absl::StrCat("is ", after.epoch, ", must be ", before.epoch + 1));
  }
  if (after.partitions.size() != before.partitions.size()) {
    return Refused("partitions", "their number is fixed when the cluster is made");
  }
  if (after.replication_factor != before.replication_factor) {
    return Refused("replication_factor", "it is fixed when the cluster is made");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateSuccessor(const ClusterMap& before, const ClusterMap& after) {
  QC_RETURN_IF_ERROR(CheckFixedFields(before, after));
  const std::vector<NodeIndex> translation = Translation(before, after);
  for (size_t i = 0; i < after.partitions.size(); ++i) {
    QC_RETURN_IF_ERROR(CheckEntry(before.partitions[i], after.partitions[i], translation,
                                  after.epoch, absl::StrCat("partition ", i)));
  }
  return CheckIncarnations(before, after, translation);
}

}  // namespace quorumcache::topology
