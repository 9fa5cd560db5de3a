// SPDX-License-Identifier: Apache-2.0
// TransferPage: some of all that a replica keeps of a partition, on its way to the node that the
// slot is copied to. Little-endian, in format 2:
//
//   crc u32 | format u8 = 2 | partition u32 | flags u8 | floor, forgotten (ballots, 20) | hlc u64
//   after: u16 size, bytes | resume after: u16 size, bytes | rows u32
//   per row: key: u16 size, bytes | record: u32 size, bytes | promised (ballot, 20)
//
// flags & 1: the partition's end has been reached. crc is the CRC-32C of all behind it; a record
// carries its own besides, so it is protected from disk to disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/model/ballot.h"

namespace quorumcache::replica {

struct TransferRow {
  std::string engine_key;
  // As stored, in format 1 (storage_node/engine/record_codec.h); empty: there is only a promise.
  std::string record;
  // Zero: none above the record's own ballot.
  model::Ballot promised;
  friend bool operator==(const TransferRow&, const TransferRow&) = default;
};

struct TransferPage {
  uint32_t partition = 0;
  // F of the source when the page was made.
  model::Ballot floor;
  // What the source may have dropped: PartitionRow::forgotten.
  model::Ballot forgotten;
  // Highest HLC the source had seen: whoever takes its place must not fall behind it, or what it
  // has called expired would come back.
  uint64_t hlc = 0;
  // Where the page begins, as it was asked for.
  std::string after;
  bool complete = false;
  // Unless complete: where the next one begins.
  std::string resume_after;
  std::vector<TransferRow> rows;
  friend bool operator==(const TransferPage&, const TransferPage&) = default;
};

std::string EncodeTransferPage(const TransferPage& page);
// kCorrupt when the bytes are not such a page.
absl::Status DecodeTransferPage(absl::string_view bytes, TransferPage* page);

}  // namespace quorumcache::replica
