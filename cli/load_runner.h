// SPDX-License-Identifier: Apache-2.0
// LoadRunner: what a benchmark does: which operation when, and what it measures.
//
// Closed loop: so many operations are under way at any time; the next one starts when one ends.
// Open loop: one starts every 1/rate seconds whether or not earlier ones have ended, and its
// latency counts from the moment at which it should have started, so that a stall of the cluster is
// seen in full ("coordinated omission", Tene 2013).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cli/error_counts.h"
#include "cli/key_chooser.h"
#include "cli/latency_recorder.h"
#include "cli/load_door.h"

namespace quorumcache::cli {

struct LoadOptions {
  size_t outstanding = 64;
  // Operations a second; 0: closed loop.
  double rate = 0;
  // Share of `write`, 0 to 1; the others are GETs.
  double write_share = 0;
  // A compare-and-set of a key whose etag is not known (yet, or because somebody else has changed
  // it) is a SET.
  LoadKind write = LoadKind::kSet;
  KeyDistribution distribution = KeyDistribution::kUniform;
  uint64_t key_count = 100'000;
  size_t key_size = 16;
  uint64_t seed = 1;
};

// Of one phase.
struct LoadCounts {
  uint64_t succeeded = 0;
  uint64_t gets = 0;
  uint64_t hits = 0;
  // Of the failures, those that may have been applied.
  uint64_t unknown = 0;
  // Successes by slot: a slot is one client.
  std::vector<uint64_t> by_slot;
  LatencyRecorder latencies;
  ErrorCounts errors;
};

// Thread-compatible.
class LoadRunner final : public LoadHandler {
 public:
  // `now_nanos` is monotonic.
  LoadRunner(LoadOptions options, std::function<int64_t()> now_nanos);

  // Runs for so long; the counts of an earlier phase are forgotten, its operations go on. The last
  // operations of the last phase are left under way.
  void Run(LoadDoor& door, int64_t duration_nanos);
  const LoadCounts& counts() const { return counts_; }

  void OnDone(size_t slot, const LoadResult& result) override;

 private:
  void StartIn(size_t slot, int64_t intended_nanos);
  // Chooses the operation of `slot`.
  void Choose(size_t slot);
  void Count(size_t slot, const LoadResult& result, int64_t now);
  // Starts what is due; returns how long nothing else is.
  int64_t StartDue(int64_t now);

  const LoadOptions options_;
  const std::function<int64_t()> now_nanos_;
  KeyChooser keys_;
  base::Random random_;
  LoadDoor* door_ = nullptr;
  std::vector<size_t> free_;
  // By slot.
  std::vector<int64_t> started_nanos_;
  std::vector<LoadKind> kind_;
  std::vector<uint64_t> key_;
  LoadOperation operation_;
  // By key, where they are needed; "": not known.
  std::vector<std::string> etags_;
  // Open loop: when the next operation should start; 0: not begun.
  int64_t next_start_nanos_ = 0;
  LoadCounts counts_;
};

}  // namespace quorumcache::cli
