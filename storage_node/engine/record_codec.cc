// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/record_codec.h"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/hash/crc32c.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/key_codec.h"

namespace quorumcache::engine {
namespace {

constexpr uint8_t kFormatPlain = 1;
constexpr uint8_t kFormatWithPromise = 2;
constexpr size_t kCrcSizeBytes = 4;
constexpr size_t kFixedSizeBytes = 28;
constexpr size_t kChangeSizeBytes = 16 + kBallotSizeBytes + 8;

enum Flag : uint8_t {
  kHasPrevious = 1,
  kHasExpiry = 2,
  kHasRoot = 4,
  kRootIsZero = 8,
  kHasContentType = 16,
  kHasPromise = 32,
  kAllFlags = 63,
};

// What stands in front of the value.
struct Fields {
  StateHeader header;
  uint8_t format = 0;
  uint8_t flags = 0;
  uint8_t change_count = 0;
  model::Ballot root;
  absl::string_view content_type;
  absl::string_view changes;
};

// Reads all fields and leaves `reader` at the value; a false reader->ok() says that bytes are
// missing.
Fields TakeFields(ByteReader* reader) {
  Fields fields;
  reader->Take<uint32_t>();
  fields.format = reader->Take<uint8_t>();
  fields.header.state = static_cast<model::RecordState>(reader->Take<uint8_t>());
  fields.flags = reader->Take<uint8_t>();
  fields.change_count = reader->Take<uint8_t>();
  fields.header.accepted = reader->TakeBallot();
  fields.root = (fields.flags & kRootIsZero) ? model::Ballot{} : fields.header.accepted;
  if (fields.flags & kHasPrevious) fields.header.previous = reader->TakeBallot();
  if (fields.flags & kHasExpiry) fields.header.expire_at_ms = reader->Take<uint64_t>();
  if (fields.flags & kHasRoot) fields.root = reader->TakeBallot();
  if (fields.flags & kHasPromise) fields.header.promised = reader->TakeBallot();
  if (fields.flags & kHasContentType) {
    fields.content_type = reader->TakeBytes(reader->Take<uint8_t>());
  }
  fields.changes = reader->TakeBytes(fields.change_count * kChangeSizeBytes);
  return fields;
}

uint8_t FlagsOf(const RowBallots& ballots, const model::Record& record) {
  uint8_t flags = 0;
  if (!ballots.previous.IsZero()) flags |= kHasPrevious;
  if (!ballots.promised.IsZero()) flags |= kHasPromise;
  if (record.expire_at_ms != 0) flags |= kHasExpiry;
  if (record.lineage.root().IsZero()) {
    flags |= kRootIsZero;
  } else if (record.lineage.root() != ballots.accepted) {
    flags |= kHasRoot;
  }
  if (!record.content_type.empty()) flags |= kHasContentType;
  return flags;
}

void AppendChange(const model::Change& change, std::string* out) {
  AppendLittleEndian(change.request_id.high, out);
  AppendLittleEndian(change.request_id.low, out);
  AppendBallot(change.ballot, out);
  AppendLittleEndian(change.result, out);
}

void AppendOptionalFields(uint8_t flags, const RowBallots& ballots, const model::Record& record,
                          std::string* out) {
  if (flags & kHasPrevious) AppendBallot(ballots.previous, out);
  if (flags & kHasExpiry) AppendLittleEndian(record.expire_at_ms, out);
  if (flags & kHasRoot) AppendBallot(record.lineage.root(), out);
  if (flags & kHasPromise) AppendBallot(ballots.promised, out);
  if (flags & kHasContentType) {
    AppendLittleEndian(static_cast<uint8_t>(record.content_type.size()), out);
    out->append(record.content_type);
  }
  for (const model::Change& change : record.lineage.changes()) AppendChange(change, out);
}

model::Lineage DecodeLineage(const Fields& fields) {
  std::vector<model::Change> changes;
  changes.reserve(fields.change_count);
  ByteReader reader(fields.changes);
  for (int i = 0; i < fields.change_count; ++i) {
    model::Change change;
    change.request_id.high = reader.Take<uint64_t>();
    change.request_id.low = reader.Take<uint64_t>();
    change.ballot = reader.TakeBallot();
    change.result = reader.Take<int64_t>();
    changes.push_back(change);
  }
  return model::Lineage(fields.root, std::move(changes));
}

// Of the key and of all that stands behind the crc field.
uint32_t ChecksumOf(absl::string_view engine_key, absl::string_view bytes) {
  return hash::ExtendCrc32c(hash::Crc32c(engine_key), bytes.substr(kCrcSizeBytes));
}

void SealWithChecksum(absl::string_view engine_key, std::string* out) {
  const uint32_t crc = ChecksumOf(engine_key, *out);
  std::memcpy(out->data(), &crc, sizeof(crc));
}

// This ends up in logs, which must not tell keys: the token says where to look (`qcctl locate`).
absl::Status Corrupt(absl::string_view engine_key, absl::string_view what) {
  const std::optional<KeyParts> parts = DecodeKey(engine_key);
  const std::string where =
      parts ? absl::StrCat(model::AbbreviatedKey(parts->bytes), " in ", parts->namespace_name,
                           ", token ", absl::Hex(parts->token, absl::kZeroPad16))
            : absl::StrCat("a key of ", engine_key.size(), " bytes that is none");
  return MakeError(Cause::kCorrupt, absl::StrCat("stored under ", where, ": ", what));
}

// A promise, and the format that says so, come together; one that `accepted` has overtaken is never
// written.
bool IsPromiseSound(const Fields& fields) {
  const bool has_promise = (fields.flags & kHasPromise) != 0;
  if (has_promise != (fields.format == kFormatWithPromise)) return false;
  return !has_promise || fields.header.promised > fields.header.accepted;
}

bool IsKnownState(model::RecordState state) {
  return state == model::RecordState::kAbsent || state == model::RecordState::kValue ||
         state == model::RecordState::kTombstone;
}

}  // namespace

void EncodeRecord(absl::string_view engine_key, const RowBallots& ballots,
                  const model::Record& record, std::string* out) {
  const std::vector<model::Change>& changes = record.lineage.changes();
  QC_CHECK(changes.size() <= limits::kLineageChangesMax);
  QC_CHECK(record.content_type.size() <= limits::kContentTypeSizeBytesMax);
  QC_CHECK(ballots.promised.IsZero() || ballots.promised > ballots.accepted);
  const uint8_t flags = FlagsOf(ballots, record);
  out->clear();
  AppendLittleEndian(uint32_t{0}, out);
  AppendLittleEndian((flags & kHasPromise) ? kFormatWithPromise : kFormatPlain, out);
  AppendLittleEndian(static_cast<uint8_t>(record.state), out);
  AppendLittleEndian(flags, out);
  AppendLittleEndian(static_cast<uint8_t>(changes.size()), out);
  AppendBallot(ballots.accepted, out);
  AppendOptionalFields(flags, ballots, record, out);
  out->append(record.value);
  SealWithChecksum(engine_key, out);
}

absl::Status VerifyRecord(absl::string_view engine_key, absl::string_view bytes) {
  if (bytes.size() < kFixedSizeBytes) {
    return Corrupt(engine_key, absl::StrCat("a record of ", bytes.size(), " bytes"));
  }
  if (LoadLittleEndian<uint32_t>(bytes.data()) != ChecksumOf(engine_key, bytes)) {
    return Corrupt(engine_key, "the record's checksum does not match");
  }
  ByteReader reader(bytes);
  const Fields fields = TakeFields(&reader);
  if (fields.format != kFormatPlain && fields.format != kFormatWithPromise) {
    return Corrupt(engine_key, absl::StrCat("record format ", fields.format, " is unknown"));
  }
  if (!reader.ok() || !IsKnownState(fields.header.state) || (fields.flags & ~kAllFlags) != 0 ||
      fields.change_count > limits::kLineageChangesMax || fields.header.accepted.IsZero() ||
      !IsPromiseSound(fields)) {
    return Corrupt(engine_key, "the record's fields do not make sense");
  }
  return absl::OkStatus();
}

StateHeader DecodeHeader(absl::string_view bytes) {
  ByteReader reader(bytes);
  const Fields fields = TakeFields(&reader);
  QC_CHECK(reader.ok());
  return fields.header;
}

model::Record DecodeRecord(absl::string_view bytes) {
  ByteReader reader(bytes);
  const Fields fields = TakeFields(&reader);
  QC_CHECK(reader.ok());
  model::Record record;
  record.state = fields.header.state;
  record.value.assign(reader.rest().data(), reader.rest().size());
  record.content_type.assign(fields.content_type.data(), fields.content_type.size());
  record.expire_at_ms = fields.header.expire_at_ms;
  record.lineage = DecodeLineage(fields);
  return record;
}

void EncodePromise(absl::string_view engine_key, const model::Ballot& promised, std::string* out) {
  out->clear();
  AppendLittleEndian(uint32_t{0}, out);
  AppendBallot(promised, out);
  SealWithChecksum(engine_key, out);
}

absl::Status DecodePromise(absl::string_view engine_key, absl::string_view bytes,
                           model::Ballot* promised) {
  if (bytes.size() != kCrcSizeBytes + kBallotSizeBytes) {
    return Corrupt(engine_key, absl::StrCat("a promise of ", bytes.size(), " bytes"));
  }
  if (LoadLittleEndian<uint32_t>(bytes.data()) != ChecksumOf(engine_key, bytes)) {
    return Corrupt(engine_key, "the promise's checksum does not match");
  }
  *promised = LoadBallot(bytes.data() + kCrcSizeBytes);
  return absl::OkStatus();
}

}  // namespace quorumcache::engine
