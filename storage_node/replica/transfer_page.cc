// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/transfer_page.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/hash/crc32c.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/error.h"

namespace quorumcache::replica {
namespace {

constexpr uint8_t kFormat = 2;
constexpr uint8_t kCompleteFlag = 1;
constexpr size_t kCrcSizeBytes = 4;
// A row has at least its sizes and its promise.
constexpr size_t kRowSizeBytesMin = 2 + 4 + engine::kBallotSizeBytes;

void AppendShort(absl::string_view bytes, std::string* out) {
  engine::AppendLittleEndian(static_cast<uint16_t>(bytes.size()), out);
  out->append(bytes.data(), bytes.size());
}

std::string TakeShort(engine::ByteReader* reader) {
  return std::string(reader->TakeBytes(reader->Take<uint16_t>()));
}

absl::Status Corrupt(absl::string_view why) {
  return engine::MakeError(engine::Cause::kCorrupt, absl::StrCat("the page ", why));
}

void TakeRows(engine::ByteReader* reader, std::vector<TransferRow>* rows) {
  const auto count = reader->Take<uint32_t>();
  rows->clear();
  // A count that the bytes cannot hold is found out by the first row that is not there.
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    TransferRow row;
    row.engine_key = TakeShort(reader);
    row.record = std::string(reader->TakeBytes(reader->Take<uint32_t>()));
    row.promised = reader->TakeBallot();
    rows->push_back(std::move(row));
  }
}

}  // namespace

std::string EncodeTransferPage(const TransferPage& page) {
  std::string bytes(kCrcSizeBytes, '\0');
  bytes.push_back(static_cast<char>(kFormat));
  engine::AppendLittleEndian(page.partition, &bytes);
  bytes.push_back(static_cast<char>(page.complete ? kCompleteFlag : 0));
  engine::AppendBallot(page.floor, &bytes);
  engine::AppendBallot(page.forgotten, &bytes);
  engine::AppendLittleEndian(page.hlc, &bytes);
  AppendShort(page.after, &bytes);
  AppendShort(page.resume_after, &bytes);
  engine::AppendLittleEndian(static_cast<uint32_t>(page.rows.size()), &bytes);
  for (const TransferRow& row : page.rows) {
    AppendShort(row.engine_key, &bytes);
    engine::AppendLittleEndian(static_cast<uint32_t>(row.record.size()), &bytes);
    bytes.append(row.record);
    engine::AppendBallot(row.promised, &bytes);
  }
  const uint32_t crc = hash::Crc32c(absl::string_view(bytes).substr(kCrcSizeBytes));
  std::memcpy(bytes.data(), &crc, sizeof(crc));
  return bytes;
}

absl::Status DecodeTransferPage(absl::string_view bytes, TransferPage* page) {
  if (bytes.size() < kCrcSizeBytes + kRowSizeBytesMin) {
    return Corrupt(absl::StrCat("has ", bytes.size(), " bytes"));
  }
  if (engine::LoadLittleEndian<uint32_t>(bytes.data()) !=
      hash::Crc32c(bytes.substr(kCrcSizeBytes))) {
    return Corrupt("fails its checksum");
  }
  engine::ByteReader reader(bytes.substr(kCrcSizeBytes));
  const auto format = reader.Take<uint8_t>();
  if (format != kFormat) return Corrupt(absl::StrCat("has the unknown format ", int{format}));
  page->partition = reader.Take<uint32_t>();
  page->complete = (reader.Take<uint8_t>() & kCompleteFlag) != 0;
  page->floor = reader.TakeBallot();
  page->forgotten = reader.TakeBallot();
  page->hlc = reader.Take<uint64_t>();
  page->after = TakeShort(&reader);
  page->resume_after = TakeShort(&reader);
  TakeRows(&reader, &page->rows);
  if (reader.ok() && reader.rest().empty()) return absl::OkStatus();
  return Corrupt("is cut off, or too long");
}

}  // namespace quorumcache::replica
