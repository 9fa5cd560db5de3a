// SPDX-License-Identifier: Apache-2.0
// Nemesis: breaks a cluster and mends it again, by a seed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "tests/histories/cluster.h"

namespace quorumcache::histories {

enum class FaultKind : uint8_t {
  kKillNode,
  kKillCoordinator,
  kPauseNode,
  kPauseCoordinator,
  kCutNode,        // from all coordinators, both ways
  kCutLink,        // one coordinator from one node, both ways
  kCutRequests,    // one way: nothing gets from a coordinator to a node
  kCutReplies,     // one way: nothing gets back
  kCutClients,     // one way: a coordinator's answers do not get to the clients
  kDelayNode,      // every byte to and from it is late
  kResetLinks,     // the connections of a coordinator and of two nodes break
  kRefuseNode,     // reset, and refused for a while
  kKillTwoNodes,   // no majority
  kCutTwoNodes,    // no majority
  kKillEveryNode,  // at once
  // Below TCP, in a network of our own: packet_filter.h.
  kDropNode,      // every packet to and from it is lost
  kDropToNode,    // one way
  kDropFromNode,  // one way
  kDropLink,      // both ways, on the connections that a coordinator has to a node
  kLosePackets,   // three in ten, to and from a node
};
// Without those below TCP.
inline constexpr int kFaultKinds = 15;
std::vector<FaultKind> AllFaultKinds();
// Those below TCP, and what needs no proxy between the members.
std::vector<FaultKind> PacketFaultKinds();

struct Fault {
  FaultKind kind = FaultKind::kKillNode;
  // 0 to 2 each: the members that it strikes.
  int node = 0;
  int coordinator = 0;
  absl::Duration lasts;
  // What a cut has held is lost when it ends, with the connections; else it is delivered, late.
  bool loses_held = false;
  // Until the next one begins.
  absl::Duration pause;
};

std::string Describe(const Fault& fault);

// Every one of `kinds` once in a random order, then again, until `length` is full. The shorter it
// is, the shorter the faults, so that each kind comes about once. Requires: at least one kind.
std::vector<Fault> PlanFaults(uint64_t seed, absl::Duration length, std::vector<FaultKind> kinds);

// Strikes and mends one after another, and writes down what in `begun`. `rest` returns false when
// the run is to end, which is obeyed when each kind has had its turn (kFaultKinds faults). Leaves
// the cluster mended as far as the last fault goes, not yet ready.
absl::Status RunFaults(const std::vector<Fault>& faults, Cluster& cluster,
                       const std::function<bool(absl::Duration)>& rest,
                       std::vector<std::string>* begun);

}  // namespace quorumcache::histories
