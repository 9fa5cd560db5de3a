// SPDX-License-Identifier: Apache-2.0
// How much time a client gave its call.
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace quorumcache::service {

// What an operation may take of the `left` time of its client: less by a tenth and at most 20 ms,
// so that the client hears what became of it, and not just its own library's DEADLINE_EXCEEDED.
inline absl::Duration WithoutWayBack(absl::Duration left) {
  if (left <= absl::ZeroDuration()) return left;
  return left - std::min(left / 10, absl::Milliseconds(20));
}

// As CacheRequest::timeout has it: zero when the client set no deadline, negative when it has
// passed.
inline absl::Duration TimeLeft(const grpc::ServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (deadline.tv_sec == std::numeric_limits<int64_t>::max()) return absl::ZeroDuration();
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  const absl::Duration duration = absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
  return duration == absl::ZeroDuration() ? -absl::Nanoseconds(1) : WithoutWayBack(duration);
}

}  // namespace quorumcache::service
