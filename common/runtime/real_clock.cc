// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/real_clock.h"

#include <time.h>

#include "common/base/check.h"

namespace quorumcache::runtime {
namespace {

int64_t NanosOf(clockid_t id) {
  timespec time;
  QC_CHECK(clock_gettime(id, &time) == 0);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

base::Now RealClock::Read() const {
  return {.monotonic = base::MonotonicTime::FromNanos(NanosOf(CLOCK_MONOTONIC)),
          .wall_ms = static_cast<uint64_t>(NanosOf(CLOCK_REALTIME) / 1'000'000)};
}

}  // namespace quorumcache::runtime
