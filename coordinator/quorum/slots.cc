// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/slots.h"

#include <bit>

#include "common/base/check.h"
#include "common/base/limits.h"

namespace quorumcache::quorum {
namespace {

// Bit i: slot i.
using SlotMask = uint16_t;

// Slots with at least one node in `replicas`.
SlotMask SlotsTouched(const model::ReplicaSet& set, ReplicaMask replicas) {
  SlotMask slots = 0;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    if ((replicas >> i) & 1) slots |= static_cast<SlotMask>(1u << set.replicas[i].slot);
  }
  return slots;
}

template <typename Predicate>
ReplicaMask ReplicasWhere(const model::ReplicaSet& set, Predicate predicate) {
  ReplicaMask mask = 0;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    if (predicate(set.replicas[i])) mask |= Bit(static_cast<ReplicaIndex>(i));
  }
  return mask;
}

}  // namespace

ReplicaMask AllReplicas(const model::ReplicaSet& set) {
  QC_CHECK(set.replicas.size() <= limits::kReplicaNodesMax);
  return static_cast<ReplicaMask>((1u << set.replicas.size()) - 1);
}

ReplicaMask CountingReplicas(const model::ReplicaSet& set) {
  return ReplicasWhere(set, [&](const model::Replica& r) { return !set.IsVacant(r.slot); });
}

ReplicaMask WholeSlotReplicas(const model::ReplicaSet& set) {
  ReplicaMask mask = 0;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    const auto replica = static_cast<ReplicaIndex>(i);
    const bool alone = SlotMates(set, replica) == Bit(replica);
    if (alone && !set.IsVacant(set.replicas[i].slot)) mask |= Bit(replica);
  }
  return mask;
}

ReplicaMask SlotMates(const model::ReplicaSet& set, ReplicaIndex replica) {
  QC_CHECK(replica < set.replicas.size());
  const uint8_t slot = set.replicas[replica].slot;
  return ReplicasWhere(set, [&](const model::Replica& r) { return r.slot == slot; });
}

size_t SlotsCovered(const model::ReplicaSet& set, ReplicaMask yes) {
  const SlotMask said_yes = SlotsTouched(set, yes);
  const SlotMask lacking = SlotsTouched(set, AllReplicas(set) & ~yes);
  return std::popcount(static_cast<SlotMask>(said_yes & ~lacking & ~set.vacant_slots));
}

size_t SlotsOpen(const model::ReplicaSet& set, ReplicaMask no) {
  return SlotsCovered(set, AllReplicas(set) & ~no);
}

size_t SlotsRequired(const model::ReplicaSet& set, model::Consistency consistency) {
  switch (consistency) {
    case model::Consistency::kOne:
      return 1;
    case model::Consistency::kAll:
      return set.slot_count;
    case model::Consistency::kUnspecified:
    case model::Consistency::kQuorum:
      break;
  }
  return set.Majority();
}

}  // namespace quorumcache::quorum
