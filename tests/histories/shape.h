// SPDX-License-Identifier: Apache-2.0
// ShapeWalk: changes the shape of a cluster, again and again, and breaks it meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/random.h"
#include "tests/histories/cluster.h"

namespace quorumcache::histories {

// One change each, and what happens in the middle of it.
enum class ShapeKind : uint8_t {
  kOneNode,          // one joins; one leaves where there are six
  kTwoNodes,         // the same of two at once
  kDrain,            // a node gives all away, and gets its share back
  kReplaceDead,      // a node is killed and replaced
  kReplaceWiped,     // a node comes back under its name with an empty disk
  kAbort,            // halfway; then the change is made after all
  kKillSource,       // kill -9 of a node that others copy from; it is started again
  kKillTarget,       // kill -9 of a node that copies
  kKillDriver,       // kill -9 of the coordinator that drives
  kStopCoordinator,  // SIGSTOP of one that does not, across cut-overs
  kKillStoreLeader,  // of etcd; nothing where the map is in a file
};
inline constexpr int kShapeKinds = 11;
std::vector<ShapeKind> AllShapeKinds();

// Walks through `kinds` in a random order until each has had its turn, and then again until `rest`
// returns false. Writes down in `begun` what it does. An error: a change was refused, or did not
// end within a minute. Leaves no change under way.
absl::Status RunShapes(uint64_t seed, std::vector<ShapeKind> kinds, Cluster& cluster,
                       const std::function<bool(absl::Duration)>& rest,
                       std::vector<std::string>* begun);

}  // namespace quorumcache::histories
