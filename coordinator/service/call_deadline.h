// SPDX-License-Identifier: Apache-2.0
// How much time a client gave its call.
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace quorumcache::service {

// As CacheRequest::timeout has it: zero when the client set no deadline, negative when it has
// passed.
inline absl::Duration TimeLeft(const grpc::ServerContext& context) {
  const gpr_timespec deadline = context.raw_deadline();
  if (deadline.tv_sec == std::numeric_limits<int64_t>::max()) return absl::ZeroDuration();
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  const absl::Duration duration = absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
  return duration == absl::ZeroDuration() ? -absl::Nanoseconds(1) : duration;
}

}  // namespace quorumcache::service
