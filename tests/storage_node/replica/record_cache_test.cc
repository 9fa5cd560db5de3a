// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/record_cache.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "common/hash/token.h"
#include "gtest/gtest.h"
#include "tests/support/seed.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;

hash::Token TokenOf(const std::string& key) {
  return hash::TokenOf("default", key);
}

void Put(RecordCache* cache, const std::string& key, const std::string& value,
         const Ballot& promised = {}) {
  cache->Put(TokenOf(key), key, promised, value);
}

std::string Get(RecordCache* cache, const std::string& key) {
  const std::optional<RecordCache::Hit> hit = cache->Find(TokenOf(key), key);
  return hit ? std::string(hit->encoded) : "(missing)";
}

TEST(RecordCacheTest, ErasingAPartitionForgetsItsKeysAndNoOthers) {
  RecordCache cache(1 << 20);
  constexpr int kKeys = 200;
  for (int i = 0; i < kKeys; ++i) Put(&cache, absl::StrCat("k", i), absl::StrCat("v", i));

  cache.ErasePartition(1, 4);

  int kept = 0;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = absl::StrCat("k", i);
    const bool is_within = hash::PartitionOf(TokenOf(key), 4) == 1;
    EXPECT_EQ(Get(&cache, key), is_within ? "(missing)" : absl::StrCat("v", i));
    kept += !is_within;
  }
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, kKeys);
}

TEST(RecordCacheTest, BytesOfAnErasedPartitionAreTakenFirst) {
  RecordCache cache(1 << 20);
  const std::string value(1000, 'v');
  for (int i = 0; i < 400; ++i) {
    const std::string key = absl::StrCat("old", i);
    Put(&cache, key, value);
    // Asked for so often that they would outlive a turn.
    for (int times = 0; times < 3; ++times) Get(&cache, key);
  }
  for (uint32_t partition = 0; partition < 4; ++partition) cache.ErasePartition(partition, 4);

  for (int i = 0; i < 2000; ++i) Put(&cache, absl::StrCat("new", i), value);
  for (int i = 0; i < 400; ++i) Put(&cache, absl::StrCat("old", i), "again");

  EXPECT_LE(cache.bytes(), size_t{1} << 20);
  EXPECT_EQ(Get(&cache, "old399"), "again");
  // Nothing of what was erased was remembered as worth the main queue.
  for (int i = 0; i < 2000; ++i) Put(&cache, absl::StrCat("third", i), value);
  EXPECT_EQ(Get(&cache, "old399"), "(missing)");
}

TEST(RecordCacheTest, WhatWasErasedWithItsPartitionCanBePutAgain) {
  RecordCache cache(1 << 20);
  Put(&cache, "a", "old", Ballot{1, 2, 3});

  cache.ErasePartition(0, 1);
  EXPECT_EQ(Get(&cache, "a"), "(missing)");
  cache.SetPromised(TokenOf("a"), "a", Ballot{9, 9, 9});
  EXPECT_EQ(Get(&cache, "a"), "(missing)");
  Put(&cache, "a", "new");

  const std::optional<RecordCache::Hit> hit = cache.Find(TokenOf("a"), "a");
  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(hit->encoded, "new");
  EXPECT_TRUE(hit->promised.IsZero());
}

TEST(RecordCacheTest, WhatWasPutIsFound) {
  RecordCache cache(1 << 20);
  Put(&cache, "a", "one", Ballot{1, 2, 3});

  const std::optional<RecordCache::Hit> hit = cache.Find(TokenOf("a"), "a");

  ASSERT_TRUE(hit.has_value());
  EXPECT_EQ(hit->encoded, "one");
  EXPECT_EQ(hit->promised, (Ballot{1, 2, 3}));
  EXPECT_EQ(Get(&cache, "b"), "(missing)");
  EXPECT_EQ(cache.hits(), 1u);
  EXPECT_EQ(cache.misses(), 1u);
}

TEST(RecordCacheTest, AbsenceCanBeRemembered) {
  RecordCache cache(1 << 20);
  Put(&cache, "a", "");

  EXPECT_EQ(Get(&cache, "a"), "");
}

TEST(RecordCacheTest, ReplacedValuesOfEverySizeAreRight) {
  RecordCache cache(1 << 20);
  for (const size_t size : {10u, 11u, 1000u, 999u, 3u, 0u, 500u}) {
    Put(&cache, "key", std::string(size, 'v'));
    EXPECT_EQ(Get(&cache, "key"), std::string(size, 'v'));
  }
  EXPECT_EQ(cache.entries(), 1u);
}

TEST(RecordCacheTest, KeysWithOneTokenAreToldApart) {
  RecordCache cache(1 << 20);
  cache.Put(42, "a", {}, "one");
  cache.Put(42, "b", {}, "two");

  EXPECT_EQ(cache.Find(42, "a")->encoded, "one");
  EXPECT_EQ(cache.Find(42, "b")->encoded, "two");
  cache.Erase(42, "a");
  EXPECT_FALSE(cache.Find(42, "a").has_value());
  EXPECT_EQ(cache.Find(42, "b")->encoded, "two");
}

TEST(RecordCacheTest, PromiseCanBeChangedAlone) {
  RecordCache cache(1 << 20);
  Put(&cache, "a", "one");

  cache.SetPromised(TokenOf("a"), "a", Ballot{9, 9, 9});
  cache.SetPromised(TokenOf("b"), "b", Ballot{9, 9, 9});

  EXPECT_EQ(cache.Find(TokenOf("a"), "a")->promised, (Ballot{9, 9, 9}));
  EXPECT_EQ(cache.entries(), 1u);
}

TEST(RecordCacheTest, NeverHoldsMoreThanItsBytes) {
  constexpr size_t kBytesMax = 64 << 10;
  base::Random random(support::TestSeed());
  RecordCache cache(kBytesMax);
  for (int i = 0; i < 20'000; ++i) {
    Put(&cache, absl::StrCat(random.Uniform(5000)), std::string(random.Uniform(600), 'v'));
    ASSERT_LE(cache.bytes(), kBytesMax);
  }
  EXPECT_GT(cache.entries(), 50u);
  EXPECT_GT(cache.evictions(), 1000u);
}

TEST(RecordCacheTest, ValueThatWouldPushOutTooMuchIsNotTakenAndTheOldOneGoes) {
  RecordCache cache(64 << 10);
  Put(&cache, "a", "small");
  Put(&cache, "b", "other");

  Put(&cache, "a", std::string(32 << 10, 'v'));

  EXPECT_EQ(Get(&cache, "a"), "(missing)");
  EXPECT_EQ(Get(&cache, "b"), "other");
}

TEST(RecordCacheTest, CacheOfNothingHoldsNothing) {
  RecordCache cache(0);
  Put(&cache, "a", "one");

  EXPECT_EQ(Get(&cache, "a"), "(missing)");
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(RecordCacheTest, ClearedCacheIsEmptyAndUsable) {
  RecordCache cache(1 << 20);
  for (int i = 0; i < 1000; ++i) Put(&cache, absl::StrCat(i), "v");

  cache.Clear();
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
  Put(&cache, "a", "one");

  EXPECT_EQ(Get(&cache, "a"), "one");
  EXPECT_EQ(Get(&cache, "7"), "(missing)");
}

// What is found must be what was put last; what was erased must not be found. Against std::map.
TEST(RecordCacheTest, NeverAnswersWithAnythingButTheLastPut) {
  base::Random random(support::TestSeed());
  RecordCache cache(32 << 10);
  std::map<std::string, std::string> truth;
  for (int i = 0; i < 50'000; ++i) {
    const std::string key = absl::StrCat("key", random.Uniform(400));
    if (random.OneIn(20)) {
      cache.Erase(TokenOf(key), key);
      truth.erase(key);
    } else if (random.OneIn(100)) {
      const auto partition = static_cast<uint32_t>(random.Uniform(8));
      cache.ErasePartition(partition, 8);
      std::erase_if(truth, [&](const auto& entry) {
        return hash::PartitionOf(TokenOf(entry.first), 8) == partition;
      });
    } else if (random.OneIn(2)) {
      truth[key] = absl::StrCat(i, std::string(random.Uniform(100), 'v'));
      Put(&cache, key, truth[key]);
    } else if (const std::string found = Get(&cache, key); found != "(missing)") {
      const auto it = truth.find(key);
      ASSERT_NE(it, truth.end()) << key;
      ASSERT_EQ(found, it->second);
    }
  }
}

TEST(RecordCacheTest, ScanOfOneTimeKeysLeavesTheHotOnes) {
  RecordCache cache(64 << 10);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 50; ++i) {
      const std::string key = absl::StrCat("hot", i);
      if (Get(&cache, key) == "(missing)") Put(&cache, key, "value");
    }
  }

  for (int i = 0; i < 10'000; ++i) Put(&cache, absl::StrCat("scan", i), "value");

  int kept = 0;
  for (int i = 0; i < 50; ++i) kept += Get(&cache, absl::StrCat("hot", i)) != "(missing)";
  EXPECT_EQ(kept, 50);
}

TEST(RecordCacheTest, KeyThatComesBackSoonAfterItLeftIsKeptLonger) {
  RecordCache cache(64 << 10);
  Put(&cache, "comeback", "value");
  int i = 0;
  for (; i < 360; ++i) Put(&cache, absl::StrCat("fill", i), "value");

  Put(&cache, "comeback", "value");
  // Enough to wash out the small queue, not the main one.
  for (int n = 0; n < 100; ++n) Put(&cache, absl::StrCat("fill", i++), "value");

  EXPECT_EQ(Get(&cache, "comeback"), "value");
}

TEST(RecordCacheTest, SameCallsGiveTheSameContents) {
  RecordCache a(32 << 10);
  RecordCache b(32 << 10);
  for (RecordCache* cache : {&a, &b}) {
    base::Random random(7);
    for (int i = 0; i < 5000; ++i) {
      const std::string key = absl::StrCat(random.Uniform(500));
      if (Get(cache, key) == "(missing)") Put(cache, key, std::string(random.Uniform(200), 'v'));
    }
  }

  EXPECT_EQ(a.bytes(), b.bytes());
  EXPECT_EQ(a.hits(), b.hits());
  for (int i = 0; i < 500; ++i) EXPECT_EQ(Get(&a, absl::StrCat(i)), Get(&b, absl::StrCat(i)));
}

}  // namespace
}  // namespace quorumcache::replica
