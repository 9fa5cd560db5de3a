// SPDX-License-Identifier: Apache-2.0
// Every bound of the system, with its reason. What a flag can change is named *_default here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorumcache::limits {

// Keys live in every cache entry, index block and hint: 4 KiB is far above what people use.
inline constexpr size_t kKeySizeBytesMax = 4096;
// One value is one message, held several times in memory on its way; larger objects belong elsewhere.
inline constexpr size_t kValueSizeBytesMaxDefault = size_t{4} << 20;
inline constexpr size_t kValueSizeBytesMaxCeiling = size_t{64} << 20;
// [a-z0-9_-], 1 to 64.
inline constexpr size_t kNamespaceSizeBytesMax = 64;
// A media type; RFC 6838 allows 127 + 1 + 127.
inline constexpr size_t kContentTypeSizeBytesMax = 255;
// A Multi* request is held in memory until its slowest key has answered.
inline constexpr size_t kBatchKeysMax = 1000;
inline constexpr size_t kBatchSizeBytesMax = size_t{16} << 20;
// Ten years: longer is a unit mistake (milliseconds taken for seconds), and "never" is spelled by no TTL.
inline constexpr int64_t kTtlSecondsMax = int64_t{10} * 365 * 24 * 3600;
// More replicas cost writes and win nothing: 7 survive 3 losses.
inline constexpr size_t kReplicasMax = 7;
// A slot is one node, or two while it moves.
inline constexpr size_t kReplicaNodesMax = 2 * kReplicasMax;
inline constexpr size_t kNodesMax = 1024;
inline constexpr uint32_t kPartitionsDefault = 256;
inline constexpr uint32_t kPartitionsMax = 16384;
// Remembered changes per key (docs/PROTOCOL.md#lineage): a retry older than 8 changes is answered `unknown`.
inline constexpr size_t kLineageChangesMax = 8;
// A clock further ahead than this is refused, or one bad clock would poison keys for years.
inline constexpr uint64_t kClockSkewMsMaxDefault = 500;
// Above skew + the longest deadline, so that no message can be older (docs/PROTOCOL.md#forgetting).
inline constexpr uint64_t kGcGraceMsDefault = 10 * 60 * 1000;
inline constexpr uint32_t kOperationTimeoutMsDefault = 1000;
inline constexpr uint32_t kOperationTimeoutMsMax = 60 * 1000;
// Operations under way in one coordinator; above it new ones are shed with RESOURCE_EXHAUSTED.
inline constexpr size_t kOperationsInFlightMax = 16384;
// Requests queued for one storage node; above it the node counts as unreachable for new requests.
inline constexpr size_t kStreamQueueRequestsMax = 32768;
inline constexpr size_t kStreamQueueBytesMax = size_t{64} << 20;
// One batch on the wire: large enough to amortise, small enough that one batch is not a pause.
inline constexpr size_t kStreamBatchBytesMax = size_t{4} << 20;
// A message must hold the largest value plus its key and headers.
inline constexpr int kGrpcMessageBytesMax = static_cast<int>(kValueSizeBytesMaxCeiling + (1 << 20));
inline constexpr size_t kHttpHeaderBytesMax = 16 * 1024;
inline constexpr size_t kHttpTargetBytesMax = 16 * 1024;
inline constexpr size_t kHttpConnectionsMax = 4096;

}  // namespace quorumcache::limits
