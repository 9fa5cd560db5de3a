// SPDX-License-Identifier: Apache-2.0
#include "tests/storage_node/engine/engine_contract.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace quorumcache::engine {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

void EngineContract::Put(Family family, absl::string_view key, absl::string_view value) {
  WriteBatch batch;
  batch.Put(family, key, value);
  const absl::Status status = engine().Write(batch, /*fsync=*/false);
  ASSERT_TRUE(status.ok()) << status;
}

std::string EngineContract::GetOrMissing(Family family, absl::string_view key) {
  Lookup lookup;
  engine().MultiGet(family, {&key, 1}, {&lookup, 1});
  EXPECT_TRUE(lookup.status.ok()) << lookup.status;
  return lookup.found ? lookup.value : "(missing)";
}

EngineContract::Pairs EngineContract::Walk(Family family, const Range& range) {
  Pairs pairs;
  const std::unique_ptr<Iterator> it = engine().NewIterator(family, range);
  for (; it->Valid(); it->Next()) pairs.emplace_back(it->key(), it->value());
  EXPECT_TRUE(it->status().ok()) << it->status();
  return pairs;
}

TEST_P(EngineContract, WhatWasPutIsFoundAndTheRestIsMissed) {
  Put(Family::kRecords, "a", "one");

  EXPECT_EQ(GetOrMissing(Family::kRecords, "a"), "one");
  EXPECT_EQ(GetOrMissing(Family::kRecords, "b"), "(missing)");
}

TEST_P(EngineContract, FamiliesDoNotMix) {
  Put(Family::kRecords, "a", "record");
  Put(Family::kPromises, "a", "promise");
  Put(Family::kMeta, "m", "meta");

  EXPECT_EQ(GetOrMissing(Family::kRecords, "a"), "record");
  EXPECT_EQ(GetOrMissing(Family::kPromises, "a"), "promise");
  EXPECT_EQ(GetOrMissing(Family::kMeta, "a"), "(missing)");
}

TEST_P(EngineContract, EmptyAndBinaryValuesAreKept) {
  const std::string binary("\0\xff\0", 3);
  Put(Family::kRecords, "empty", "");
  Put(Family::kRecords, binary, binary);

  EXPECT_EQ(GetOrMissing(Family::kRecords, "empty"), "");
  EXPECT_EQ(GetOrMissing(Family::kRecords, binary), binary);
}

TEST_P(EngineContract, LookupsOfManyKeysComeBackInTheirOrder) {
  constexpr int kCount = 100;
  std::vector<std::string> names;
  for (int i = 0; i < kCount; ++i) names.push_back(absl::StrCat("key", i));
  for (int i = 0; i < kCount; i += 2) Put(Family::kRecords, names[i], absl::StrCat("value", i));
  const std::vector<absl::string_view> keys(names.begin(), names.end());
  // Left from an earlier use: nothing of it may shine through.
  std::vector<Lookup> lookups(kCount, Lookup{absl::InternalError("old"), true, "old"});

  engine().MultiGet(Family::kRecords, keys, lookups);

  for (int i = 0; i < kCount; ++i) {
    EXPECT_TRUE(lookups[i].status.ok());
    EXPECT_EQ(lookups[i].found, i % 2 == 0) << i;
    if (lookups[i].found) {
      EXPECT_EQ(lookups[i].value, absl::StrCat("value", i));
    }
  }
}

TEST_P(EngineContract, LaterChangesOfABatchWin) {
  WriteBatch batch;
  batch.Put(Family::kRecords, "a", "one");
  batch.Put(Family::kRecords, "a", "two");
  batch.Put(Family::kRecords, "b", "three");
  batch.Delete(Family::kRecords, "b");
  ASSERT_TRUE(engine().Write(batch, /*fsync=*/false).ok());

  EXPECT_EQ(GetOrMissing(Family::kRecords, "a"), "two");
  EXPECT_EQ(GetOrMissing(Family::kRecords, "b"), "(missing)");
}

TEST_P(EngineContract, RangeDeleteTakesItsRangeAndNothingElse) {
  for (const char* key : {"a", "b", "c", "d"}) Put(Family::kRecords, key, key);
  Put(Family::kPromises, "b", "promise");

  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Range{"b", "d"});
  batch.Put(Family::kRecords, "bb", "after");
  ASSERT_TRUE(engine().Write(batch, /*fsync=*/false).ok());

  EXPECT_THAT(Walk(Family::kRecords, Range{}),
              ElementsAre(Pair("a", "a"), Pair("bb", "after"), Pair("d", "d")));
  EXPECT_EQ(GetOrMissing(Family::kPromises, "b"), "promise");
}

TEST_P(EngineContract, RangeDeleteWithoutEndTakesTheLastKey) {
  const std::string last_token_key = std::string(8, '\xff') + "default" + '\0' + "key";
  Put(Family::kRecords, "a", "one");
  Put(Family::kRecords, last_token_key, "last");

  WriteBatch batch;
  batch.DeleteRange(Family::kRecords, Range{"b", ""});
  ASSERT_TRUE(engine().Write(batch, /*fsync=*/false).ok());

  EXPECT_THAT(Walk(Family::kRecords, Range{}), ElementsAre(Pair("a", "one")));
}

TEST_P(EngineContract, WalkGoesInKeyOrderWithinItsBounds) {
  const std::string high("\xff\x01", 2);
  for (const absl::string_view key : {absl::string_view("c"), absl::string_view("a"),
                                      absl::string_view("b"), absl::string_view(high)}) {
    Put(Family::kRecords, key, "v");
  }

  EXPECT_THAT(Walk(Family::kRecords, Range{}),
              ElementsAre(Pair("a", "v"), Pair("b", "v"), Pair("c", "v"), Pair(high, "v")));
  EXPECT_THAT(Walk(Family::kRecords, Range{"b", "c"}), ElementsAre(Pair("b", "v")));
  EXPECT_THAT(Walk(Family::kRecords, Range{"bb", ""}),
              ElementsAre(Pair("c", "v"), Pair(high, "v")));
  EXPECT_THAT(Walk(Family::kRecords, Range{"d", "e"}), IsEmpty());
}

TEST_P(EngineContract, WalkSeesTheStateOfItsBeginning) {
  Put(Family::kRecords, "a", "one");
  Put(Family::kRecords, "b", "two");
  const std::unique_ptr<Iterator> it = engine().NewIterator(Family::kRecords, Range{});

  Put(Family::kRecords, "b", "changed");
  Put(Family::kRecords, "c", "new");

  ASSERT_TRUE(it->Valid());
  it->Next();
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "two");
  it->Next();
  EXPECT_FALSE(it->Valid());
}

TEST_P(EngineContract, AllWritesAreThereAfterARestart) {
  Put(Family::kRecords, "a", "one");
  WriteBatch batch;
  batch.Put(Family::kRecords, "b", "two");
  batch.Put(Family::kMeta, "m", "three");
  ASSERT_TRUE(engine().Write(batch, /*fsync=*/true).ok());

  Restart();

  EXPECT_EQ(GetOrMissing(Family::kRecords, "a"), "one");
  EXPECT_EQ(GetOrMissing(Family::kRecords, "b"), "two");
  EXPECT_EQ(GetOrMissing(Family::kMeta, "m"), "three");
}

TEST_P(EngineContract, EmptyBatchWithFsyncIsOk) {
  EXPECT_TRUE(engine().Write(WriteBatch(), /*fsync=*/true).ok());
  EXPECT_TRUE(engine().Health().ok());
}

TEST_P(EngineContract, ApproximationsGrowWithTheData) {
  const std::string value(1000, 'v');
  for (int i = 0; i < 200; ++i) Put(Family::kRecords, absl::StrCat("key", i), value);

  EXPECT_GE(engine().ApproximateEntries(Family::kRecords), 100u);
  EXPECT_GT(engine().ApproximateBytes(Family::kRecords, Range{}), 10'000u);
  EXPECT_EQ(engine().ApproximateBytes(Family::kRecords, Range{"x", "y"}), 0u);
}

}  // namespace quorumcache::engine
