// SPDX-License-Identifier: Apache-2.0
// The rows of the family kMeta: what a replica keeps per partition, and per node. Little-endian.
//
//   key 'p' | partition (4, big-endian):
//     crc u32 | format u8 = 3 | epoch u32 | ballot floor epoch u32 | floor (ballot, 20)
//             | copy u8 | join id u32                (format 1 ends before them: a whole copy)
//             | forgotten (ballot, 20)               (format 2 ends before it: as the floor)
//   key 'j' | partition (4, big-endian):
//     crc u32 | format u8 = 1 | join id u32 | sources u8 | per source: incarnation u64 | done u8
//             | after (u16 size, bytes)
//   key 'n':  crc u32 | format u8 = 1 | hlc bound u64 | values i64 | tombstones i64 | bytes i64
//
// crc is the CRC-32C of all behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/model/ballot.h"

namespace quorumcache::replica {

// Whether what a replica has of a partition is all of it. The numbers are on disk.
enum class CopyState : uint8_t {
  kNone = 0,      // nothing
  kComplete = 1,  // as a founder of the cluster, or copied
  kJoining = 2,   // being copied: PartitionRow::join_id
  kDropping = 3,  // on its way out
};

// What is persisted of a partition.
struct PartitionRow {
  // Highest the replica has learned; requests of lower ones are refused.
  uint32_t epoch = 0;
  // Ballots of lower epochs are refused.
  uint32_t ballot_floor_epoch = 0;
  // F: docs/PROTOCOL.md#forgetting.
  model::Ballot floor;
  // What is dead at or below it may have been dropped; at most the floor.
  model::Ballot forgotten;
  CopyState copy = CopyState::kNone;
  // Of the copy: the ballot floor epoch of the map entry that began it; 0: a founder's.
  uint32_t join_id = 0;
  friend bool operator==(const PartitionRow&, const PartitionRow&) = default;
};

// How far the copy from one node is.
struct SourceCursor {
  uint64_t incarnation = 0;
  bool done = false;
  // Engine key behind which to go on; empty: the partition's beginning.
  std::string after;
  friend bool operator==(const SourceCursor&, const SourceCursor&) = default;
};

// How far a join is; written with every page.
struct JoinProgress {
  uint32_t join_id = 0;
  std::vector<SourceCursor> sources;
  friend bool operator==(const JoinProgress&, const JoinProgress&) = default;
};

// How much a node holds. Maintained with every change, written down now and then: after a crash it
// may be off by some writes, and is put right by the next full walk.
struct EntryCounts {
  int64_t values = 0;
  int64_t tombstones = 0;
  // Stored keys and records.
  int64_t bytes = 0;
  friend bool operator==(const EntryCounts&, const EntryCounts&) = default;
};

struct NodeRow {
  // No HLC above this has been reported to anyone.
  uint64_t hlc_bound = 0;
  EntryCounts counts;
  friend bool operator==(const NodeRow&, const NodeRow&) = default;
};

inline constexpr char kNodeRowKey[] = "n";
std::string PartitionRowKey(uint32_t partition);
// nullopt: `key` is not a partition's.
std::optional<uint32_t> PartitionOfRowKey(absl::string_view key);

std::string JoinRowKey(uint32_t partition);
std::optional<uint32_t> PartitionOfJoinKey(absl::string_view key);

std::string EncodePartitionRow(const PartitionRow& row);
std::string EncodeNodeRow(const NodeRow& row);
std::string EncodeJoinProgress(const JoinProgress& progress);
// kCorrupt when the bytes are not such a row.
absl::Status DecodePartitionRow(absl::string_view bytes, PartitionRow* row);
absl::Status DecodeNodeRow(absl::string_view bytes, NodeRow* row);
absl::Status DecodeJoinProgress(absl::string_view bytes, JoinProgress* progress);

}  // namespace quorumcache::replica
