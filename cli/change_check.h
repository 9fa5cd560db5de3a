// SPDX-License-Identifier: Apache-2.0
// Whether a change that has ended was done: an abort ends it too, and scripts go on after `--wait`
// by stopping the process of a node that must hold nothing any more. Pure.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// What `map` shows that it would not show had `change` been done, as a sentence's middle: "n4 is
// still in the map". Empty: nothing. O(nodes) a part of the change.
std::string WhatIsNotDone(const v1::Change& change, const v1::GetClusterMapResponse& map);

// How the changes ended that one command has waited for. Thread-compatible.
class WaitedChanges {
 public:
  // All that a coordinator tells while the command waits, in order.
  void Note(const v1::Rebalance& rebalance);
  // Also one that may have ended before it was first seen.
  void Expect(uint64_t change_epoch) { under_way_.try_emplace(change_epoch); }

  // FAILED_PRECONDITION: one was aborted; how one ended, nobody has told.
  absl::Status Verdict() const;
  // Only that of the first.
  absl::Status AbortedOnly() const;

 private:
  // By change_epoch: descriptions of those whose end is not known.
  std::map<uint64_t, std::string> under_way_;
  std::string aborted_;
};

}  // namespace quorumcache::cli
