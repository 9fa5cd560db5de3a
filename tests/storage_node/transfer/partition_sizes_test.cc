// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/partition_sizes.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/memory_engine.h"
#include "tests/storage_node/replica/replica_fixture.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::transfer {
namespace {

using engine::Family;
using support::IsOk;

constexpr uint32_t kPartitions = 16;
// In a page: two sizes and a ballot.
constexpr uint64_t kRowOverheadBytes = 26;
// Of a page without rows.
constexpr uint64_t kPageOverheadBytes = 66;

std::string KeyAt(hash::Token token, absl::string_view rest = "") {
  std::string key;
  engine::AppendBigEndian64(token, &key);
  absl::StrAppend(&key, "default", absl::string_view("\0", 1), "key", rest);
  return key;
}

// Puts `count` rows of random tokens into `partition`, and says how many bytes they are in pages.
uint64_t Fill(engine::Engine& engine, uint32_t partition, int count, size_t value_size_bytes,
              std::mt19937_64& random) {
  const hash::TokenRange range = hash::RangeOf(partition, kPartitions);
  uint64_t bytes = 0;
  engine::WriteBatch batch;
  for (int i = 0; i < count; ++i) {
    const std::string key = KeyAt(range.first + random() % (range.last - range.first), "");
    batch.Put(Family::kRecords, key, std::string(value_size_bytes, 'v'));
    bytes += key.size() + value_size_bytes + kRowOverheadBytes;
  }
  EXPECT_THAT(engine.Write(batch, /*fsync=*/false), IsOk());
  return bytes;
}

class PartitionSizesTest : public testing::Test {
 protected:
  std::mt19937_64 random_{support::TestSeed()};
  engine::MemoryEngine engine_;
};

TEST_F(PartitionSizesTest, FewRowsAreCountedExactly) {
  const uint64_t bytes = Fill(engine_, 3, 100, 50, random_);

  const SizeSample sample = SamplePartition(engine_, 3, kPartitions, {});

  EXPECT_EQ(sample.bytes, bytes);
  EXPECT_EQ(sample.rows, 100u);
  EXPECT_TRUE(sample.is_whole);
}

TEST_F(PartitionSizesTest, NeighboursAreNotCounted) {
  Fill(engine_, 2, 10, 50, random_);
  Fill(engine_, 4, 10, 50, random_);

  EXPECT_EQ(SamplePartition(engine_, 3, kPartitions, {}).bytes, 0u);
}

TEST_F(PartitionSizesTest, ManyRowsAreEstimatedFromSome) {
  for (const uint32_t partition : {0u, 7u, 15u}) {
    const auto bytes = static_cast<double>(Fill(engine_, partition, 20'000, 50, random_));

    const SizeSample sample = SamplePartition(engine_, partition, kPartitions, {});

    EXPECT_FALSE(sample.is_whole);
    EXPECT_EQ(sample.rows, SampleLimits().rows_max);
    // Six standard deviations, which are a sixteenth each.
    EXPECT_NEAR(static_cast<double>(sample.bytes), bytes, 0.4 * bytes);
  }
}

TEST_F(PartitionSizesTest, LargeRowsAreNotReadByTheHundred) {
  const auto bytes = static_cast<double>(Fill(engine_, 0, 400, 32'768, random_));

  const SizeSample sample = SamplePartition(engine_, 0, kPartitions, {});

  EXPECT_LE(sample.rows, 9u) << "256 KiB and one row";
  EXPECT_GT(static_cast<double>(sample.bytes), 0.1 * bytes);
  EXPECT_LT(static_cast<double>(sample.bytes), 10 * bytes);
}

// Keys that somebody has made up to lie side by side.
TEST_F(PartitionSizesTest, ForgedTokensDoNotOverflow) {
  engine::WriteBatch batch;
  for (int i = 0; i < 1'000; ++i) {
    batch.Put(Family::kRecords, KeyAt(0, absl::StrCat(i)), std::string(10'000, 'v'));
  }
  ASSERT_THAT(engine_.Write(batch, false), IsOk());

  EXPECT_LE(SamplePartition(engine_, 0, kPartitions, {}).bytes, uint64_t{1} << 60);
}

class AppendSizesTest : public replica::ReplicaFixture {
 protected:
  AppendSizesTest() { ConfigureAll(1); }
  std::mt19937_64 random_{support::TestSeed()};
};

TEST_F(AppendSizesTest, ManyRowsTakeManySlicesAndTheSameSizesComeOut) {
  std::vector<uint64_t> expected;
  for (uint32_t partition = 0; partition < kPartitions; ++partition) {
    expected.push_back(Fill(engine_, partition, 200, 10, random_) + kPageOverheadBytes);
  }

  std::vector<uint64_t> sizes;
  int slices = 1;
  while (!AppendSizes(engine_, replica_->partitions(), &sizes)) {
    EXPECT_LT(sizes.size(), kPartitions);
    ++slices;
  }

  EXPECT_EQ(sizes, expected);
  EXPECT_EQ(slices, 4) << "five partitions of two hundred rows each are a slice";
}

TEST_F(AppendSizesTest, SizesAreThoseOfThePagesThatAreSent) {
  for (int i = 0; i < 500; ++i) {
    const std::string key = absl::StrCat("key-", i);
    ASSERT_THAT(Do(AcceptOf(key, replica::BallotAt(10), "a value of some bytes")),
                replica::HasStatus(model::ReplyStatus::kOk));
  }
  uint64_t sent = 0;
  for (uint32_t partition = 0; partition < kPartitions; ++partition) {
    const replica::PullReply reply = replica_->Export({.partition = partition,
                                                       .epoch = 1,
                                                       .ballot_floor_epoch = 1,
                                                       .incarnation = replica::kIncarnation});
    ASSERT_EQ(reply.status, model::ReplyStatus::kOk) << reply.message;
    sent += reply.page.size();
  }

  std::vector<uint64_t> sizes;
  while (!AppendSizes(engine_, replica_->partitions(), &sizes)) {
  }

  uint64_t estimated = 0;
  for (const uint64_t size : sizes) estimated += size;
  EXPECT_NEAR(static_cast<double>(estimated), static_cast<double>(sent), 0.02 * sent);
}

TEST_F(AppendSizesTest, WhatTheNodeDoesNotHoldCountsAsNothing) {
  const replica::PartitionAssignment gone = {.partition = 5, .epoch = 2, .is_held = false};
  Fill(engine_, 5, 10, 10, random_);
  Fill(engine_, 6, 10, 10, random_);
  ASSERT_THAT(replica_->Configure({&gone, 1}), IsOk());

  std::vector<uint64_t> sizes;
  EXPECT_TRUE(AppendSizes(engine_, replica_->partitions(), &sizes));

  EXPECT_EQ(sizes.size(), kPartitions);
  EXPECT_EQ(sizes[5], 0u);
  EXPECT_GT(sizes[6], 0u);
}

}  // namespace
}  // namespace quorumcache::transfer
