// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/meta_codec.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/hash/crc32c.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/error.h"

namespace quorumcache::replica {
namespace {

constexpr char kPartitionRowPrefix = 'p';
constexpr char kJoinRowPrefix = 'j';
constexpr uint8_t kFormat = 1;
constexpr uint8_t kCopyFormat = 2;
constexpr uint8_t kPartitionFormat = 3;
constexpr size_t kCrcSizeBytes = 4;
constexpr size_t kHeaderSizeBytes = kCrcSizeBytes + 1;
constexpr size_t kPartitionFieldsBytes = 4 + 4 + engine::kBallotSizeBytes;
constexpr size_t kCopyFieldsBytes = 1 + 4;
// Far more than a partition has slots.
constexpr size_t kSourcesMax = 64;

std::string StartRow(uint8_t format = kFormat) {
  std::string row(kCrcSizeBytes, '\0');
  row.push_back(static_cast<char>(format));
  return row;
}

std::string RowKey(char prefix, uint32_t partition) {
  std::string key(1, prefix);
  engine::AppendLittleEndian(__builtin_bswap32(partition), &key);
  return key;
}

std::optional<uint32_t> PartitionOf(char prefix, absl::string_view key) {
  if (key.size() != 5 || key[0] != prefix) return std::nullopt;
  return __builtin_bswap32(engine::LoadLittleEndian<uint32_t>(key.data() + 1));
}

std::string SealRow(std::string row) {
  const uint32_t crc = hash::Crc32c(absl::string_view(row).substr(kCrcSizeBytes));
  std::memcpy(row.data(), &crc, sizeof(crc));
  return row;
}

absl::Status Corrupt(absl::string_view what, absl::string_view why) {
  return engine::MakeError(engine::Cause::kCorrupt, absl::StrCat("the ", what, " row ", why));
}

// Checks the checksum and gives the format.
absl::Status OpenRow(absl::string_view what, absl::string_view bytes, uint8_t* format) {
  if (bytes.size() < kHeaderSizeBytes) {
    return Corrupt(what, absl::StrCat("has ", bytes.size(), " bytes"));
  }
  if (engine::LoadLittleEndian<uint32_t>(bytes.data()) !=
      hash::Crc32c(bytes.substr(kCrcSizeBytes))) {
    return Corrupt(what, "fails its checksum");
  }
  *format = static_cast<uint8_t>(bytes[kCrcSizeBytes]);
  return absl::OkStatus();
}

absl::Status UnknownFormat(absl::string_view what, uint8_t format) {
  return Corrupt(what, absl::StrCat("has the unknown format ", int{format}));
}

absl::Status CheckSize(absl::string_view what, absl::string_view bytes, size_t fields_size_bytes) {
  if (bytes.size() == kHeaderSizeBytes + fields_size_bytes) return absl::OkStatus();
  return Corrupt(what, absl::StrCat("has ", bytes.size(), " bytes"));
}

}  // namespace

std::string PartitionRowKey(uint32_t partition) {
  return RowKey(kPartitionRowPrefix, partition);
}

std::string JoinRowKey(uint32_t partition) {
  return RowKey(kJoinRowPrefix, partition);
}

std::optional<uint32_t> PartitionOfRowKey(absl::string_view key) {
  return PartitionOf(kPartitionRowPrefix, key);
}

std::optional<uint32_t> PartitionOfJoinKey(absl::string_view key) {
  return PartitionOf(kJoinRowPrefix, key);
}

std::string EncodePartitionRow(const PartitionRow& row) {
  std::string bytes = StartRow(kPartitionFormat);
  engine::AppendLittleEndian(row.epoch, &bytes);
  engine::AppendLittleEndian(row.ballot_floor_epoch, &bytes);
  engine::AppendBallot(row.floor, &bytes);
  bytes.push_back(static_cast<char>(row.copy));
  engine::AppendLittleEndian(row.join_id, &bytes);
  engine::AppendBallot(row.forgotten, &bytes);
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

std::string EncodeJoinProgress(const JoinProgress& progress) {
  std::string bytes = StartRow();
  engine::AppendLittleEndian(progress.join_id, &bytes);
  bytes.push_back(static_cast<char>(progress.sources.size()));
  for (const SourceCursor& source : progress.sources) {
    engine::AppendLittleEndian(source.incarnation, &bytes);
    bytes.push_back(source.done ? 1 : 0);
    engine::AppendLittleEndian(static_cast<uint16_t>(source.after.size()), &bytes);
    bytes.append(source.after);
  }
  return SealRow(std::move(bytes));
}

absl::Status DecodePartitionRow(absl::string_view bytes, PartitionRow* row) {
  constexpr absl::string_view kWhat = "partition";
  uint8_t format = 0;
  QC_RETURN_IF_ERROR(OpenRow(kWhat, bytes, &format));
  if (format < kFormat || format > kPartitionFormat) return UnknownFormat(kWhat, format);
  const bool has_copy = format >= kCopyFormat;
  const bool has_forgotten = format >= kPartitionFormat;
  QC_RETURN_IF_ERROR(CheckSize(kWhat, bytes,
                               kPartitionFieldsBytes + (has_copy ? kCopyFieldsBytes : 0) +
                                   (has_forgotten ? engine::kBallotSizeBytes : 0)));
  engine::ByteReader reader(bytes.substr(kHeaderSizeBytes));
  row->epoch = reader.Take<uint32_t>();
  row->ballot_floor_epoch = reader.Take<uint32_t>();
  row->floor = reader.TakeBallot();
  const auto copy = has_copy ? reader.Take<uint8_t>() : static_cast<uint8_t>(CopyState::kComplete);
  if (copy > static_cast<uint8_t>(CopyState::kDropping)) return Corrupt(kWhat, "has no such copy");
  row->copy = static_cast<CopyState>(copy);
  row->join_id = has_copy ? reader.Take<uint32_t>() : 0;
  row->forgotten = has_forgotten ? reader.TakeBallot() : row->floor;
  return absl::OkStatus();
}

absl::Status DecodeNodeRow(absl::string_view bytes, NodeRow* row) {
  constexpr absl::string_view kWhat = "node";
  uint8_t format = 0;
  QC_RETURN_IF_ERROR(OpenRow(kWhat, bytes, &format));
  if (format != kFormat) return UnknownFormat(kWhat, format);
  QC_RETURN_IF_ERROR(CheckSize(kWhat, bytes, 4 * 8));
  engine::ByteReader reader(bytes.substr(kHeaderSizeBytes));
  row->hlc_bound = reader.Take<uint64_t>();
  row->counts.values = reader.Take<int64_t>();
  row->counts.tombstones = reader.Take<int64_t>();
  row->counts.bytes = reader.Take<int64_t>();
  return absl::OkStatus();
}

absl::Status DecodeJoinProgress(absl::string_view bytes, JoinProgress* progress) {
  constexpr absl::string_view kWhat = "join";
  uint8_t format = 0;
  QC_RETURN_IF_ERROR(OpenRow(kWhat, bytes, &format));
  if (format != kFormat) return UnknownFormat(kWhat, format);
  engine::ByteReader reader(bytes.substr(kHeaderSizeBytes));
  progress->join_id = reader.Take<uint32_t>();
  progress->sources.resize(std::min<size_t>(reader.Take<uint8_t>(), kSourcesMax));
  for (SourceCursor& source : progress->sources) {
    source.incarnation = reader.Take<uint64_t>();
    source.done = reader.Take<uint8_t>() != 0;
    source.after = std::string(reader.TakeBytes(reader.Take<uint16_t>()));
  }
  if (reader.ok() && reader.rest().empty()) return absl::OkStatus();
  return Corrupt(kWhat, absl::StrCat("has ", bytes.size(), " bytes"));
}

}  // namespace quorumcache::replica
