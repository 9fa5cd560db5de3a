// SPDX-License-Identifier: Apache-2.0
// Bounds of the gRPC doors, with their reasons.
#pragma once

#include <cstddef>

namespace quorumcache::service {

// Calls that wait for a request at any time: above the usual number of outstanding calls none has
// to wait for the loop to arm another one. Each costs about 2 KiB.
inline constexpr int kHotCallsWaiting = 64;
inline constexpr int kColdCallsWaiting = 8;
// Operations of one Pipeline stream under way; above it the stream is not read from until half have
// been answered. A client that is faster than the cluster is slowed down, not shed.
inline constexpr size_t kPipelineOperationsMax = 4096;
// Answers waiting for a Pipeline client that does not read; above it the stream is not read from.
inline constexpr size_t kPipelineReplyBytesMax = size_t{8} << 20;

}  // namespace quorumcache::service
