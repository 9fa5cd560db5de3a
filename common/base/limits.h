// SPDX-License-Identifier: Apache-2.0
// Every bound of the system, with its reason. What a flag can change is named *_default here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorumcache::limits {

// Keys live in every cache entry, index block and hint: 4 KiB is far above what people use.
inline constexpr size_t kKeySizeBytesMax = 4096;
// One value is one message, held several times in memory on its way; larger objects belong
// elsewhere.
inline constexpr size_t kValueSizeBytesMaxDefault = size_t{4} << 20;
inline constexpr size_t kValueSizeBytesMaxCeiling = size_t{64} << 20;
// [a-z0-9_-], 1 to 64.
inline constexpr size_t kNamespaceSizeBytesMax = 64;
// A media type; RFC 6838 allows 127 + 1 + 127.
inline constexpr size_t kContentTypeSizeBytesMax = 255;
// A Multi* request is held in memory until its slowest key has answered.
inline constexpr size_t kBatchKeysMax = 1000;
inline constexpr size_t kBatchSizeBytesMax = size_t{16} << 20;
// Ten years: longer is a unit mistake (milliseconds taken for seconds), and "never" is spelled by
// no TTL.
inline constexpr int64_t kTtlSecondsMax = int64_t{10} * 365 * 24 * 3600;
// More replicas cost writes and win nothing: 7 survive 3 losses.
inline constexpr size_t kReplicasMax = 7;
// A slot is one node, or two while it moves.
inline constexpr size_t kReplicaNodesMax = 2 * kReplicasMax;
inline constexpr size_t kNodesMax = 1024;
inline constexpr uint32_t kPartitionsDefault = 256;
inline constexpr uint32_t kPartitionsMax = 16384;
// Ids and zones are labels of metrics and columns of tables; nobody types longer ones.
inline constexpr size_t kNodeIdSizeBytesMax = 64;
inline constexpr size_t kZoneSizeBytesMax = 64;
// A host name has 253 bytes at most (RFC 1035), then a colon and a port.
inline constexpr size_t kAddressSizeBytesMax = 260;
// 100 is one ordinary node; steps of one percent, up to a hundred times as large.
inline constexpr uint32_t kNodeWeightDefault = 100;
inline constexpr uint32_t kNodeWeightMax = 10000;
// Every namespace is in the map of every process, and a label of metrics.
inline constexpr size_t kNamespacesMax = 256;
// The largest map allowed by the limits above takes about 20 MiB as JSON.
inline constexpr size_t kClusterMapSizeBytesMax = size_t{64} << 20;
// Remembered changes per key (docs/PROTOCOL.md#lineage): a retry is sure of an answer for the last
// 8 changes; on a key that many write at once for as long as the window, or 64 changes.
inline constexpr size_t kLineageChangesMin = 8;
inline constexpr size_t kLineageChangesMax = 64;
// Some scheduler's time slices: what a refused writer may need to look what became of its write.
inline constexpr uint64_t kLineageWindowMs = 100;
// A clock further ahead than this is refused, or one bad clock would poison keys for years.
inline constexpr uint64_t kClockSkewMsMaxDefault = 500;
// Above skew + the longest deadline, so that no message can be older (docs/PROTOCOL.md#forgetting).
inline constexpr uint64_t kGcGraceMsDefault = 10 * 60 * 1000;
inline constexpr uint32_t kOperationTimeoutMsDefault = 1000;
inline constexpr uint32_t kOperationTimeoutMsMax = 60 * 1000;
// Operations under way in one coordinator; above it new ones are shed with RESOURCE_EXHAUSTED.
inline constexpr size_t kOperationsInFlightMax = 16384;
// Writes of one key that wait for their turn in one coordinator; above it OVERLOADED. At a
// millisecond each the last would wait for a second, the default timeout.
inline constexpr size_t kKeyQueueMax = 1024;
// Blind writes of one key under way at once: so many hot writes are refused together when another
// coordinator begins to write the same key, while 16 in a round trip are faster than one key needs.
inline constexpr uint32_t kKeyBlindWritesMax = 16;
// Keys that are remembered as contended though nobody writes them now; for a second each.
inline constexpr size_t kContendedKeysMax = 4096;
// Ballots promised in advance, with the records they go on from, in one coordinator; the key used
// longest ago is forgotten first. Some 50,000 counters or locks.
inline constexpr size_t kBallotCacheBytesMax = size_t{16} << 20;
// A larger record would push out too many others to save one round trip.
inline constexpr size_t kBallotCacheEntryBytesMax = size_t{64} << 10;
// Slow operations that a coordinator remembers, the newest ones: 300 bytes each.
inline constexpr size_t kSlowLogEntriesMax = 1000;
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
// Browsers and proxies send a few dozen at most.
inline constexpr size_t kHttpFieldsMax = 100;
// Connections above kHttpConnectionsMax that are told so (503); further ones are closed without a
// word.
inline constexpr size_t kHttpRefusedConnectionsMax = 64;
// The body of a request that has no business carrying a large one.
inline constexpr size_t kHttpSmallBodyBytesMax = 64 * 1024;
// Bodies of requests under way, over all connections of one server; above it 503.
inline constexpr size_t kHttpBodiesBytesMax = size_t{512} << 20;
// Chunk headers, extensions and trailers that have not been understood yet: none of it is of use to
// us.
inline constexpr size_t kHttpChunkOverheadBytesMax = 16 * 1024;
// A reader this far behind is too slow to be worth waiting for.
inline constexpr size_t kHttpStreamQueueBytesMax = 256 * 1024;
// Below this a transfer is an attack or a dead line (docs: slow senders and readers).
inline constexpr size_t kHttpTransferBytesPerSecondMin = 4 * 1024;

}  // namespace quorumcache::limits
