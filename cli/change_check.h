// SPDX-License-Identifier: Apache-2.0
// Whether a change that has ended was done: an abort ends it too, and scripts go on after `--wait`
// by stopping the process of a node that must hold nothing any more. Pure.
#pragma once

#include <string>

#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// What `map` shows that it would not show had `change` been done, as a sentence's middle: "n4 is
// still in the map". Empty: nothing. O(nodes) a part of the change.
std::string WhatIsNotDone(const v1::Change& change, const v1::GetClusterMapResponse& map);

}  // namespace quorumcache::cli
