// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/meta_codec.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/hash/crc32c.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/error.h"

namespace quorumcache::replica {
namespace {

constexpr char kPartitionRowPrefix = 'p';
constexpr uint8_t kFormat = 1;
constexpr size_t kCrcSizeBytes = 4;
constexpr size_t kHeaderSizeBytes = kCrcSizeBytes + 1;

std::string StartRow() {
  std::string row(kCrcSizeBytes, '\0');
  row.push_back(static_cast<char>(kFormat));
  return row;
}

std::string SealRow(std::string row) {
  const uint32_t crc = hash::Crc32c(absl::string_view(row).substr(kCrcSizeBytes));
  std::memcpy(row.data(), &crc, sizeof(crc));
  return row;
}

absl::Status Corrupt(absl::string_view what, absl::string_view why) {
  return engine::MakeError(engine::Cause::kCorrupt, absl::StrCat("the ", what, " row ", why));
}

// Checks size, checksum and format.
absl::Status OpenRow(absl::string_view what, absl::string_view bytes, size_t fields_size_bytes) {
  if (bytes.size() != kHeaderSizeBytes + fields_size_bytes) {
    return Corrupt(what, absl::StrCat("has ", bytes.size(), " bytes"));
  }
  if (engine::LoadLittleEndian<uint32_t>(bytes.data()) !=
      hash::Crc32c(bytes.substr(kCrcSizeBytes))) {
    return Corrupt(what, "fails its checksum");
  }
  if (bytes[kCrcSizeBytes] != static_cast<char>(kFormat)) {
    return Corrupt(what, absl::StrCat("has the unknown format ", int{bytes[kCrcSizeBytes]}));
  }
  return absl::OkStatus();
}

}  // namespace

std::string PartitionRowKey(uint32_t partition) {
  std::string key(1, kPartitionRowPrefix);
  engine::AppendLittleEndian(__builtin_bswap32(partition), &key);
  return key;
}

std::optional<uint32_t> PartitionOfRowKey(absl::string_view key) {
  if (key.size() != 5 || key[0] != kPartitionRowPrefix) return std::nullopt;
  return __builtin_bswap32(engine::LoadLittleEndian<uint32_t>(key.data() + 1));
}

std::string EncodePartitionRow(const PartitionRow& row) {
  std::string bytes = StartRow();
  engine::AppendLittleEndian(row.epoch, &bytes);
  engine::AppendLittleEndian(row.ballot_floor_epoch, &bytes);
  engine::AppendBallot(row.floor, &bytes);
  return SealRow(std::move(bytes));
}

std::string EncodeNodeRow(const NodeRow& row) {
  std::string bytes = StartRow();
  engine::AppendLittleEndian(row.hlc_bound, &bytes);
  engine::AppendLittleEndian(row.counts.values, &bytes);
  engine::AppendLittleEndian(row.counts.tombstones, &bytes);
  engine::AppendLittleEndian(row.counts.bytes, &bytes);
  return SealRow(std::move(bytes));
}

absl::Status DecodePartitionRow(absl::string_view bytes, PartitionRow* row) {
  const absl::Status opened = OpenRow("partition", bytes, 4 + 4 + engine::kBallotSizeBytes);
  if (!opened.ok()) return opened;
  engine::ByteReader reader(bytes.substr(kHeaderSizeBytes));
  row->epoch = reader.Take<uint32_t>();
  row->ballot_floor_epoch = reader.Take<uint32_t>();
  row->floor = reader.TakeBallot();
  return absl::OkStatus();
}

absl::Status DecodeNodeRow(absl::string_view bytes, NodeRow* row) {
  const absl::Status opened = OpenRow("node", bytes, 4 * 8);
  if (!opened.ok()) return opened;
  engine::ByteReader reader(bytes.substr(kHeaderSizeBytes));
  row->hlc_bound = reader.Take<uint64_t>();
  row->counts.values = reader.Take<int64_t>();
  row->counts.tombstones = reader.Take<int64_t>();
  row->counts.bytes = reader.Take<int64_t>();
  return absl::OkStatus();
}

}  // namespace quorumcache::replica
