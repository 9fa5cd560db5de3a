// SPDX-License-Identifier: Apache-2.0
// The stored form of what a replica keeps per key, in formats 1 and 2. Little-endian.
//
//   0      4        5       6       7         8            28
//   +------+--------+-------+-------+---------+------------+----------------------------------
//   | crc  | format | state | flags | changes | accepted   | optional fields, in this order ... |
//   u32  | u8     | u8    | u8    | u8 = n  | ballot(20) |
//   +------+--------+-------+-------+---------+------------+----------------------------------
//   optional: flags & 1  previous      ballot (20)        otherwise the zero ballot
//             flags & 2  expire_at_ms  u64                otherwise 0: never
//             flags & 4  root          ballot (20)        otherwise see flags & 8
//             flags & 32 promised      ballot (20)        otherwise none in this row
//             flags & 16 content type  u8 size, bytes     otherwise empty
//             n times    change        request id (16), ballot (20), result (8), oldest first
//   the rest: value
//   flags & 8: the lineage's root is the zero ballot; neither 4 nor 8: it is `accepted` itself,
//   which is the case of every blind write and costs nothing.
//
// crc is the CRC-32C of the engine key and of everything behind the crc field, so a record that
// lies under a wrong key is found out, too. Other bits of flags must be 0. Format 2 is a record
// that carries a promise (flags & 32, above `accepted`), and format 1 one that does not, so that a
// row without it is as it always was.
//
// A promise that was made without a record is a row in a family of its own: the ballot (20) with a
// CRC in front of it,  crc u32 | promised (20). Where a key has both, the higher one counts
// (docs/adr/0025-a-record-carries-its-promise.md).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/model/ballot.h"
#include "common/model/record.h"

namespace quorumcache::engine {

// The part of a stored record that decides what a replica answers; of a fixed size. Value.
struct StateHeader {
  model::Ballot accepted;
  model::Ballot previous;
  model::RecordState state = model::RecordState::kAbsent;
  uint64_t expire_at_ms = 0;
  // Zero: the row carries none. Otherwise above `accepted`.
  model::Ballot promised;
};

// The ballots of a record's row. Value.
struct RowBallots {
  model::Ballot accepted;
  model::Ballot previous;
  // Zero, or above `accepted`.
  model::Ballot promised;
};

// Writes the stored form over `out`. Requires: at most kLineageChangesMax changes and a content
// type of at most kContentTypeSizeBytesMax bytes.
void EncodeRecord(absl::string_view engine_key, const RowBallots& ballots,
                  const model::Record& record, std::string* out);

// Whether `bytes` is a whole record under this key; kCorrupt, saying what is wrong. Do this once,
// when it comes from the disk.
absl::Status VerifyRecord(absl::string_view engine_key, absl::string_view bytes);
// Requires: VerifyRecord was OK for `bytes`.
StateHeader DecodeHeader(absl::string_view bytes);
model::Record DecodeRecord(absl::string_view bytes);

void EncodePromise(absl::string_view engine_key, const model::Ballot& promised, std::string* out);
// kCorrupt when it is not a promise under this key.
absl::Status DecodePromise(absl::string_view engine_key, absl::string_view bytes,
                           model::Ballot* promised);

}  // namespace quorumcache::engine
