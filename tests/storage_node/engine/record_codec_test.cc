// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/record_codec.h"

#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/hash/crc32c.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/key_codec.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::engine {
namespace {

using model::Ballot;
using model::Record;
using model::RecordState;
using support::IsOk;
using testing::HasSubstr;

constexpr char kKey[] = "12345678default.key";
const Ballot kAccepted = {3, 0x1122334455667788, 99};
const Ballot kPrevious = {2, 0x1122334455660000, 98};
const Ballot kPromised = {3, 0x1122334455667789, 99};

std::string Encode(const Ballot& accepted, const Ballot& previous, const Record& record) {
  std::string bytes = "left from before";
  EncodeRecord(kKey, {accepted, previous, Ballot{}}, record, &bytes);
  return bytes;
}

std::string EncodeWithPromise(const Ballot& promised, const Record& record) {
  std::string bytes;
  EncodeRecord(kKey, {kAccepted, kPrevious, promised}, record, &bytes);
  return bytes;
}

Record PlainSet() {
  Record record;
  record.state = RecordState::kValue;
  record.value = "value";
  record.lineage = model::Lineage::Blind(kAccepted, std::nullopt);
  return record;
}

Record FullRecord() {
  Record record = PlainSet();
  record.content_type = "application/json";
  record.expire_at_ms = 1'700'000'000'000;
  record.lineage = model::Lineage(Ballot{1, 5, 5}, {});
  for (size_t i = 0; i < limits::kLineageChangesMax; ++i) {
    record.lineage = record.lineage.With(
        {model::RequestId{i, ~i}, Ballot{2, 100 + i, 7}, -static_cast<int64_t>(i)});
  }
  return record;
}

void ExpectRoundTrip(const Ballot& previous, const Record& record) {
  const std::string bytes = Encode(kAccepted, previous, record);
  ASSERT_THAT(VerifyRecord(kKey, bytes), IsOk());
  const StateHeader header = DecodeHeader(bytes);
  EXPECT_EQ(header.accepted, kAccepted);
  EXPECT_EQ(header.previous, previous);
  EXPECT_EQ(header.state, record.state);
  EXPECT_EQ(header.expire_at_ms, record.expire_at_ms);
  EXPECT_EQ(header.promised, Ballot{});
  EXPECT_EQ(DecodeRecord(bytes), record);
}

TEST(RecordCodecTest, EveryFieldComesBack) {
  ExpectRoundTrip(kPrevious, FullRecord());
}

TEST(RecordCodecTest, PlainSetComesBackAndCostsTwentyEightBytes) {
  ExpectRoundTrip(Ballot{}, PlainSet());
  EXPECT_EQ(Encode(kAccepted, Ballot{}, PlainSet()).size(), 28u + 5);
}

TEST(RecordCodecTest, TombstoneAndAbsentRecordComeBack) {
  Record tombstone;
  tombstone.state = RecordState::kTombstone;
  ExpectRoundTrip(kPrevious, tombstone);
  ExpectRoundTrip(kPrevious, Record());
}

TEST(RecordCodecTest, RootThatIsZeroIsNotTakenForTheBallot) {
  Record record = PlainSet();
  record.lineage = model::Lineage();
  ExpectRoundTrip(kPrevious, record);
}

TEST(RecordCodecTest, RandomRecordsComeBack) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 500; ++round) {
    Record record;
    record.state = random.OneIn(4) ? RecordState::kTombstone : RecordState::kValue;
    record.value = std::string(random.Uniform(300), static_cast<char>(random.Next()));
    record.content_type = std::string(random.OneIn(2) ? 0 : random.Uniform(256), 'c');
    record.expire_at_ms = random.OneIn(2) ? 0 : random.Next();
    std::vector<model::Change> changes(random.Uniform(limits::kLineageChangesMax + 1));
    for (model::Change& change : changes) {
      change = {{random.Next(), random.Next()},
                {static_cast<uint32_t>(random.Next()), random.Next(), random.Next()},
                static_cast<int64_t>(random.Next())};
    }
    const Ballot root = random.OneIn(3)   ? kAccepted
                        : random.OneIn(2) ? Ballot{}
                                          : Ballot{1, random.Next(), 1};
    record.lineage = model::Lineage(root, changes);
    ExpectRoundTrip(random.OneIn(2) ? Ballot{} : kPrevious, record);
  }
}

TEST(RecordCodecTest, PromiseComesBackWithItsRecordForTwentyBytes) {
  for (const Record& record : {PlainSet(), FullRecord(), Record()}) {
    const std::string bytes = EncodeWithPromise(kPromised, record);

    ASSERT_THAT(VerifyRecord(kKey, bytes), IsOk());
    EXPECT_EQ(DecodeHeader(bytes).promised, kPromised);
    EXPECT_EQ(DecodeHeader(bytes).accepted, kAccepted);
    EXPECT_EQ(DecodeHeader(bytes).previous, kPrevious);
    EXPECT_EQ(DecodeRecord(bytes), record);
    EXPECT_EQ(bytes.size(), Encode(kAccepted, kPrevious, record).size() + 20);
  }
}

TEST(RecordCodecTest, OnlyARowWithAPromiseIsInFormatTwo) {
  EXPECT_EQ(EncodeWithPromise(Ballot{}, FullRecord()).at(4), 1);
  EXPECT_EQ(EncodeWithPromise(kPromised, FullRecord()).at(4), 2);
}

// What a release before the second format wrote, byte for byte.
TEST(RecordCodecTest, RowOfFormatOneIsRead) {
  std::string old("....\x01\x01\x00\x00", 8);
  old.append("\x03\x00\x00\x00\x88\x77\x66\x55\x44\x33\x22\x11\x63\0\0\0\0\0\0\0", 20);
  old.append("value");
  const uint32_t crc = hash::ExtendCrc32c(hash::Crc32c(kKey), absl::string_view(old).substr(4));
  old.replace(0, 4, reinterpret_cast<const char*>(&crc), 4);

  ASSERT_THAT(VerifyRecord(kKey, old), IsOk());
  EXPECT_EQ(DecodeHeader(old).accepted, kAccepted);
  EXPECT_EQ(DecodeHeader(old).promised, Ballot{});
  EXPECT_EQ(DecodeRecord(old), PlainSet());
}

TEST(RecordCodecTest, EveryFlippedBitAndTruncationOfARowWithAPromiseIsFoundOut) {
  const std::string good = EncodeWithPromise(kPromised, FullRecord());
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_EQ(CauseOf(VerifyRecord(kKey, bad)), Cause::kCorrupt) << "bit " << i;
    if (i >= good.size()) continue;
    EXPECT_EQ(CauseOf(VerifyRecord(kKey, absl::string_view(good).substr(0, i))), Cause::kCorrupt);
  }
}

TEST(RecordCodecDeathTest, PromiseThatIsNotAboveTheRecordIsABug) {
  EXPECT_DEATH(EncodeWithPromise(kAccepted, PlainSet()), "promised");
}

TEST(RecordCodecTest, EveryFlippedBitIsFoundOut) {
  const std::string good = Encode(kAccepted, kPrevious, FullRecord());
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));

    EXPECT_EQ(CauseOf(VerifyRecord(kKey, bad)), Cause::kCorrupt) << "bit " << i;
  }
}

TEST(RecordCodecTest, EveryTruncationIsFoundOut) {
  const std::string good = Encode(kAccepted, kPrevious, FullRecord());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(CauseOf(VerifyRecord(kKey, absl::string_view(good).substr(0, size))),
              Cause::kCorrupt);
  }
}

TEST(RecordCodecTest, RecordUnderAnotherKeyIsFoundOut) {
  const std::string bytes = Encode(kAccepted, kPrevious, FullRecord());

  const absl::Status status = VerifyRecord("12345678default.kez", bytes);

  EXPECT_EQ(CauseOf(status), Cause::kCorrupt);
  EXPECT_THAT(std::string(status.message()), HasSubstr("checksum"));
}

// As a later version would write it: right checksum, new format.
std::string WithByte(std::string bytes, size_t position, uint8_t byte) {
  bytes[position] = static_cast<char>(byte);
  const uint32_t crc = hash::ExtendCrc32c(hash::Crc32c(kKey), absl::string_view(bytes).substr(4));
  bytes.replace(0, 4, reinterpret_cast<const char*>(&crc), 4);
  return bytes;
}

TEST(RecordCodecTest, ErrorsTellTheTokenAndNeverTheKey) {
  std::string engine_key;
  EncodeKey(0xab, model::Key{"default", "session:7f3a9c0d5e"}, &engine_key);

  const std::string message(VerifyRecord(engine_key, "short").message());

  EXPECT_THAT(message, HasSubstr("session:...(18 bytes) in default, token 00000000000000ab"));
  EXPECT_THAT(VerifyRecord("no engine key at all", "short").message(),
              HasSubstr("a key of 20 bytes that is none"));
}

TEST(RecordCodecTest, UnknownFormatIsNamed) {
  const absl::Status status =
      VerifyRecord(kKey, WithByte(Encode(kAccepted, kPrevious, PlainSet()), 4, 3));

  EXPECT_EQ(CauseOf(status), Cause::kCorrupt);
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 3"));
}

TEST(RecordCodecTest, NonsenseWithARightChecksumIsRefused) {
  const std::string good = Encode(kAccepted, Ballot{}, PlainSet());
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(good, 5, 7)).ok()) << "state 7";
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(good, 6, 0x80)).ok()) << "flag 0x80";
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(good, 6, 1)).ok()) << "a previous that is not there";
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(good, 7, 9)).ok()) << "9 changes";
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(good, 4, 2)).ok()) << "format 2 without a promise";
  const std::string promised = EncodeWithPromise(kPromised, PlainSet());
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(promised, 4, 1)).ok()) << "format 1 with a promise";
  EXPECT_FALSE(VerifyRecord(kKey, WithByte(promised, 11, 9)).ok()) << "a promise below the record";
}

TEST(RecordCodecDeathTest, MoreChangesThanAreKeptIsABug) {
  Record record = PlainSet();
  record.lineage = model::Lineage(
      kPrevious, std::vector<model::Change>(limits::kLineageChangesMax + 1, model::Change{}));

  EXPECT_DEATH(Encode(kAccepted, kPrevious, record), "kLineageChangesMax");
}

TEST(PromiseCodecTest, PromiseComesBackUnderItsKeyOnly) {
  std::string bytes;
  EncodePromise(kKey, kAccepted, &bytes);
  Ballot promised;

  EXPECT_THAT(DecodePromise(kKey, bytes, &promised), IsOk());
  EXPECT_EQ(promised, kAccepted);
  EXPECT_EQ(CauseOf(DecodePromise("12345678default.kez", bytes, &promised)), Cause::kCorrupt);
}

TEST(PromiseCodecTest, EveryFlippedBitAndTruncationIsFoundOut) {
  std::string good;
  EncodePromise(kKey, kAccepted, &good);
  Ballot promised;
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_EQ(CauseOf(DecodePromise(kKey, bad, &promised)), Cause::kCorrupt);
  }
  EXPECT_EQ(CauseOf(DecodePromise(kKey, good.substr(1), &promised)), Cause::kCorrupt);
  EXPECT_EQ(CauseOf(DecodePromise(kKey, "", &promised)), Cause::kCorrupt);
}

}  // namespace
}  // namespace quorumcache::engine
