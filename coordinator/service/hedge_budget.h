// SPDX-License-Identifier: Apache-2.0
// HedgeBudget: how much hedging is worth. A few slow replies are hedged; when many are slow, the
// cluster is busy, and asking one more replica for each read would make it busier (Dean and
// Barroso, "The Tail at Scale", 2013: hedge a few percent of the requests).
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace quorumcache::service {

// Thread-compatible.
class HedgeBudget {
 public:
  // What a read waits that may not hedge early: a stopped replica must not be felt for longer,
  // until its stream is found dead (rpc::BatchStreamClientOptions::stall_timeout).
  static constexpr absl::Duration kPatientDelay = absl::Milliseconds(100);
  // One hedge for 20 reads, and 64 saved up: one burst of outstanding reads when a replica stops.
  static constexpr int64_t kReadsPerHedge = 20;
  static constexpr int64_t kHedgesSavedMax = 64;

  // The delay for the next read, which would like `wanted`. `hedges_so_far`: hedges really made
  // since the start; it only grows.
  absl::Duration DelayFor(absl::Duration wanted, uint64_t hedges_so_far) {
    credit_ -= static_cast<int64_t>(hedges_so_far - hedges_seen_) * kReadsPerHedge;
    hedges_seen_ = hedges_so_far;
    credit_ = std::clamp(credit_ + 1, -kCreditMax, kCreditMax);
    return credit_ > 0 ? wanted : std::max(wanted, kPatientDelay);
  }

 private:
  static constexpr int64_t kCreditMax = kReadsPerHedge * kHedgesSavedMax;
  int64_t credit_ = kCreditMax;  // in reads
  uint64_t hedges_seen_ = 0;
};

}  // namespace quorumcache::service
