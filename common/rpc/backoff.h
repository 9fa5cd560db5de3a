// SPDX-License-Identifier: Apache-2.0
// Backoff: how long to wait before connecting again. Exponential, with full jitter below the bound,
// so that many coordinators do not come back to a restarted node in step (Brooker, "Exponential
// Backoff And Jitter", 2015). Pure.
#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "common/base/random.h"

namespace quorumcache::rpc {

// Thread-compatible.
class Backoff {
 public:
  // 20 ms: a restarted process is found soon. 1 s: a dead one costs one attempt a second.
  static constexpr absl::Duration kMin = absl::Milliseconds(20);
  static constexpr absl::Duration kMax = absl::Seconds(1);

  // The wait before the next attempt: between half of the bound and the bound, which doubles up to
  // kMax.
  absl::Duration Next(base::Random& random) {
    const absl::Duration bound = bound_;
    bound_ = std::min(bound_ * 2, kMax);
    return bound * (0.5 + 0.5 * random.Fraction());
  }
  // After a success.
  void Reset() { bound_ = kMin; }

 private:
  absl::Duration bound_ = kMin;
};

}  // namespace quorumcache::rpc
