// SPDX-License-Identifier: Apache-2.0
// Quorum arithmetic: which slots have said yes, which still can, how many must.
//
// docs/PROTOCOL.md#topology. A slot is one node, or two while it moves, or vacant; it says yes when
// all of its nodes do, and a vacant one never counts. tests/coordinator/quorum/slots_test.cc holds
// a slow version of each function as oracle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/consistency.h"
#include "common/model/replica_set.h"

namespace quorumcache::quorum {

// Index into ReplicaSet::replicas.
using ReplicaIndex = uint8_t;
// Bit i: ReplicaSet::replicas[i].
using ReplicaMask = uint16_t;

constexpr ReplicaMask Bit(ReplicaIndex replica) {
  return static_cast<ReplicaMask>(1u << replica);
}

// Every replica of the set.
ReplicaMask AllReplicas(const model::ReplicaSet& set);
// The replicas whose slots count: all but those of vacant slots.
ReplicaMask CountingReplicas(const model::ReplicaSet& set);
// The replicas that are a slot of their own: neither moving nor vacant.
ReplicaMask WholeSlotReplicas(const model::ReplicaSet& set);
// The replicas in the slot of `replica`, itself included.
ReplicaMask SlotMates(const model::ReplicaSet& set, ReplicaIndex replica);

// Slots that say yes when exactly the replicas in `yes` do. O(replicas).
size_t SlotsCovered(const model::ReplicaSet& set, ReplicaMask yes);
// Slots that can still say yes when the replicas in `no` will not. O(replicas).
size_t SlotsOpen(const model::ReplicaSet& set, ReplicaMask no);
// Slots that must say yes: ONE 1, QUORUM a majority of all slots (vacant ones are in the count, so
// it may be out of reach), ALL every slot. kUnspecified counts as QUORUM.
size_t SlotsRequired(const model::ReplicaSet& set, model::Consistency consistency);

}  // namespace quorumcache::quorum
