// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_keeper.h"

#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/hash/token.h"
#include "common/model/hlc.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::transfer {
namespace {

using model::ReplyStatus;
using replica::Tombstone;
using replica::ValueOf;
using topology::Slot;

constexpr uint32_t kPartitions = 8;
constexpr size_t kNodes = 4;
constexpr uint64_t kGraceMs = 1'000;

// Four nodes, every partition on the first three; real replicas, one keeper (of n0, which runs the
// rounds of partitions 0 and 3), and a time that the test moves.
class GarbageKeeperTest : public testing::Test {
 protected:
  GarbageKeeperTest() {
    map_.cluster_id = "c";
    map_.epoch = 1;
    map_.partitions.resize(kPartitions);
    for (topology::PartitionEntry& entry : map_.partitions) {
      entry.epoch = 1;
      entry.slots = {Slot::Settled(0), Slot::Settled(1), Slot::Settled(2)};
    }
    for (size_t i = 0; i < kNodes; ++i) {
      map_.nodes.push_back({.id = absl::StrCat("n", i),
                            .address = absl::StrCat("host:", i),
                            .incarnation = 100 + i});
      replica::ReplicaOptions options;
      options.incarnation = 100 + i;
      options.partition_count = kPartitions;
      nodes_[i].replica = replica::Replica::Open(&nodes_[i].engine, options).value();
    }
    ConfigureAll();
    keeper_ = MakeKeeper("n0");
  }

  std::unique_ptr<GarbageKeeper> MakeKeeper(const std::string& node_id) {
    return std::make_unique<GarbageKeeper>(
        GarbageSettings{.grace = absl::Milliseconds(kGraceMs),
                        .interval = absl::Seconds(10),
                        .walked_bytes_per_second = bytes_per_second_,
                        .node_id = node_id,
                        .seed = 7},
        &stats_);
  }
  void ConfigureAll() {
    for (size_t i = 0; i < kNodes; ++i) {
      std::vector<replica::PartitionAssignment> all;
      for (uint32_t partition = 0; partition < map_.partitions.size(); ++partition) {
        all.push_back({partition, map_.partitions[partition].epoch, 0, i < 3});
      }
      QC_CHECK(nodes_[i].replica->Configure(all).ok());
    }
  }

  // A key of the partition, `number` of them to choose from.
  static std::string KeyIn(uint32_t partition, int number = 0) {
    for (int i = 0;; ++i) {
      std::string key = absl::StrCat("key", i);
      const hash::Token token = hash::TokenOf(model::kDefaultNamespace, key);
      if (hash::PartitionOf(token, 8) == partition && number-- == 0) return key;
    }
  }
  model::ReplicaReply Apply(size_t node, uint32_t partition, const std::string& key,
                            decltype(model::ReplicaRequest::body) body) {
    model::ReplicaRequest request;
    request.partition = partition;
    request.epoch = map_.partitions[partition].epoch;
    request.incarnation = 100 + node;
    request.key = model::Key{model::kDefaultNamespace, key};
    request.body = std::move(body);
    std::vector<model::ReplicaReply> replies;
    nodes_[node].replica->Apply({&request, 1}, now_.wall_ms, &replies);
    return replies.front();
  }
  void Write(size_t node, uint32_t partition, const std::string& key, uint64_t ms,
             model::Record record) {
    model::AcceptRequest accept;
    accept.ballot = {map_.partitions[partition].epoch, model::HlcFromMillis(ms), 5};
    accept.record = std::move(record);
    ASSERT_EQ(Apply(node, partition, key, accept).status, ReplyStatus::kOk);
  }
  // Dead since long before the grace.
  void DeleteEverywhere(uint32_t partition, const std::string& key) {
    for (size_t i = 0; i < 3; ++i) Write(i, partition, key, now_.wall_ms - 50'000, Tombstone());
  }
  bool Holds(size_t node, uint32_t partition, const std::string& key) {
    return !Apply(node, partition, key, model::ReadRequest{}).accepted.IsZero();
  }

  void Take(GarbageOutput output) {
    if (output.wants_view) wants_view_ = true;
    for (GarbageAsk& ask : output.asks) asks_.push_back(std::move(ask));
  }
  void SetMap() { Take(keeper_->OnMap(std::make_shared<const topology::ClusterMap>(map_), now_)); }
  void Advance(absl::Duration time) {
    now_.monotonic = now_.monotonic + time;
    now_.wall_ms += static_cast<uint64_t>(absl::ToInt64Milliseconds(time));
  }
  // Executes an ask at its replica; one that is down does not answer.
  void Answer(const GarbageAsk& ask) {
    if (before_) before_(ask);
    const size_t node = ask.address.empty() ? 0 : static_cast<size_t>(ask.address.back() - '0');
    internal::v1::CollectGarbageResponse response;
    absl::Status status = absl::UnavailableError("down");
    if (!down_.contains(node)) {
      status = ExecuteStep(ask.request, *nodes_[node].replica, now_.wall_ms, &response);
    }
    ++asked_;
    Take(keeper_->OnAnswer(ask.id, status, response, now_));
  }
  GarbageView View() const {
    GarbageView view;
    for (uint32_t i = 0; i < 8; ++i) {
      view.earliest_ms.push_back(nodes_[0].replica->garbage().EarliestMs(i));
    }
    view.highest_hlc = nodes_[0].replica->highest_hlc();
    return view;
  }
  // Time goes on until a whole pass is over.
  void RunPass() {
    const uint64_t passes = stats_.passes.value();
    while (stats_.passes.value() == passes) {
      if (!asks_.empty()) {
        const GarbageAsk ask = std::move(asks_.front());
        asks_.pop_front();
        Answer(ask);
      } else if (wants_view_) {
        wants_view_ = false;
        Take(keeper_->OnView(View(), now_));
      } else {
        const base::MonotonicTime wake_at = keeper_->wake_at();
        ASSERT_NE(wake_at, base::MonotonicTime::Infinite()) << "it would wait for ever";
        if (wake_at > now_.monotonic) Advance(wake_at - now_.monotonic + absl::Milliseconds(1));
        Take(keeper_->OnTimer(now_));
      }
    }
  }
  uint64_t Rounds(RoundEnd end) { return stats_.RoundsOf(end).value(); }
  int64_t Waiting(WaitReason reason) { return stats_.WaitingOf(reason).value(); }

  struct Node {
    engine::MemoryEngine engine;
    std::unique_ptr<replica::Replica> replica;
  };
  Node nodes_[kNodes];
  topology::ClusterMap map_;
  GarbageStats stats_;
  uint64_t bytes_per_second_ = 1 << 20;
  std::unique_ptr<GarbageKeeper> keeper_;
  base::Now now_{base::MonotonicTime::FromNanos(0), 1'000'000};
  bool wants_view_ = false;
  std::deque<GarbageAsk> asks_;
  std::set<size_t> down_;
  size_t asked_ = 0;
  std::function<void(const GarbageAsk&)> before_;
};

TEST_F(GarbageKeeperTest, NothingHappensBeforeThereIsAMap) {
  EXPECT_EQ(keeper_->wake_at(), base::MonotonicTime::Infinite());
  EXPECT_FALSE(keeper_->OnTimer(now_).wants_view);
}

TEST_F(GarbageKeeperTest, FirstPassBeginsAtAJitteredTimeWithinAQuarterOfTheInterval) {
  SetMap();

  EXPECT_GE(keeper_->wake_at() - now_.monotonic, absl::Seconds(7.5));
  EXPECT_LE(keeper_->wake_at() - now_.monotonic, absl::Seconds(12.5));
  EXPECT_TRUE(asks_.empty());
}

TEST_F(GarbageKeeperTest, PassForgetsTheGarbageOfTheNodesOwnRoundsAndLeavesTheRest) {
  DeleteEverywhere(0, KeyIn(0));
  DeleteEverywhere(3, KeyIn(3));
  DeleteEverywhere(1, KeyIn(1));
  for (size_t i = 0; i < 3; ++i) Write(i, 0, KeyIn(0, 1), 900'000, ValueOf("live"));
  SetMap();

  RunPass();

  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(Holds(i, 0, KeyIn(0)));
    EXPECT_FALSE(Holds(i, 3, KeyIn(3)));
    EXPECT_TRUE(Holds(i, 0, KeyIn(0, 1))) << "alive";
    EXPECT_TRUE(Holds(i, 1, KeyIn(1))) << "n1 runs that round";
  }
  EXPECT_EQ(Rounds(RoundEnd::kDropped), 2u);
  EXPECT_EQ(Rounds(RoundEnd::kNothing), 1u) << "partition 6, unknown until now";
}

TEST_F(GarbageKeeperTest, PartitionsWithoutGarbageCostNothingOnceTheyAreKnown) {
  SetMap();
  RunPass();
  RunPass();
  asked_ = 0;

  RunPass();

  EXPECT_EQ(asked_, 0u);
}

TEST_F(GarbageKeeperTest, NothingGoesBeforeTheGraceHasPassed) {
  SetMap();
  RunPass();
  for (size_t i = 0; i < 3; ++i) Write(i, 0, KeyIn(0), now_.wall_ms, Tombstone());
  Advance(absl::Milliseconds(kGraceMs) - absl::Milliseconds(1));
  Take(keeper_->OnTimer(now_));
  EXPECT_EQ(asked_, 9u) << "three partitions, three digests each, of the first pass";

  RunPass();

  EXPECT_FALSE(Holds(2, 0, KeyIn(0)));
}

TEST_F(GarbageKeeperTest, ReplicaThatIsDownKeepsEverythingAndIsAskedOnceAPass) {
  DeleteEverywhere(0, KeyIn(0));
  DeleteEverywhere(3, KeyIn(3));
  down_ = {2};
  SetMap();

  RunPass();

  EXPECT_EQ(Rounds(RoundEnd::kReplicaDown), 1u);
  EXPECT_EQ(Waiting(WaitReason::kReplicaDown), 3) << "unknown partition 6 included";
  EXPECT_TRUE(Holds(0, 0, KeyIn(0)));
  EXPECT_TRUE(Holds(0, 3, KeyIn(3)));

  down_.clear();
  RunPass();
  EXPECT_EQ(Rounds(RoundEnd::kDropped), 2u);
  EXPECT_EQ(Waiting(WaitReason::kReplicaDown), 0);
  EXPECT_FALSE(Holds(2, 3, KeyIn(3)));
}

TEST_F(GarbageKeeperTest, WhatWaitsIsSeenWithItsAge) {
  DeleteEverywhere(0, KeyIn(0));
  SetMap();
  RunPass();  // all partitions become known, and are empty
  RunPass();
  EXPECT_EQ(stats_.overdue_partitions.value(), 0);
  for (size_t i = 0; i < 3; ++i) Write(i, 0, KeyIn(0, 1), now_.wall_ms, Tombstone());
  down_ = {1};

  RunPass();

  EXPECT_EQ(stats_.overdue_partitions.value(), 1);
  // At least three quarters of the interval have passed.
  EXPECT_GE(stats_.oldest_overdue_ms.value(), 7'500 - static_cast<int64_t>(kGraceMs));
}

TEST_F(GarbageKeeperTest, PartitionThatMovesIsLeftAloneAndSurveyed) {
  DeleteEverywhere(0, KeyIn(0));
  map_.partitions[0].slots[1] = Slot::Moving(1, 3);
  SetMap();

  RunPass();
  RunPass();

  EXPECT_EQ(Waiting(WaitReason::kUnsettled), 1);
  EXPECT_TRUE(Holds(0, 0, KeyIn(0)));
  EXPECT_EQ(nodes_[0].replica->garbage().waiting_count(), 1u) << "metrics know what waits";
  EXPECT_TRUE(nodes_[0].replica->partitions().row(0).floor.IsZero());
}

TEST_F(GarbageKeeperTest, NodeThatHasNotBoundItsIncarnationCountsAsDown) {
  DeleteEverywhere(0, KeyIn(0));
  map_.nodes[2].incarnation = 0;
  SetMap();

  RunPass();

  EXPECT_EQ(Waiting(WaitReason::kReplicaDown), 3);
  EXPECT_TRUE(Holds(0, 0, KeyIn(0)));
}

// At whatever step it comes.
TEST_F(GarbageKeeperTest, RoundWhoseEntryChangesIsGivenUp) {
  for (size_t step = 0; step < 12; ++step) {
    const std::string key = KeyIn(0, static_cast<int>(step) + 2);
    for (size_t i = 0; i < 3; ++i) {
      Write(i, 0, key, now_.wall_ms, Tombstone());
    }
    size_t asks = 0;
    const uint64_t given_up = Rounds(RoundEnd::kMapChanged);
    before_ = [&](const GarbageAsk& ask) {
      if (ask.request.partition() != 0 || asks++ != step) return;
      ++map_.epoch;
      map_.partitions[0].epoch = static_cast<uint32_t>(map_.epoch);
      SetMap();
    };
    SetMap();

    RunPass();
    before_ = nullptr;
    EXPECT_EQ(Rounds(RoundEnd::kMapChanged), given_up + (asks > step ? 1 : 0)) << step;

    RunPass();
    for (size_t i = 0; i < 3; ++i) EXPECT_FALSE(Holds(i, 0, key)) << step;
  }
  EXPECT_GE(Rounds(RoundEnd::kMapChanged), 8u);
}

TEST_F(GarbageKeeperTest, ReplicaAtAHigherEpochRefusesTheRound) {
  DeleteEverywhere(0, KeyIn(0));
  const replica::PartitionAssignment newer = {0, 9, 0, true};
  ASSERT_TRUE(nodes_[1].replica->Configure({&newer, 1}).ok());
  SetMap();

  RunPass();

  EXPECT_EQ(Rounds(RoundEnd::kRefused), 1u);
  EXPECT_EQ(Waiting(WaitReason::kRefused), 1);
  EXPECT_TRUE(Holds(0, 0, KeyIn(0)));
}

TEST_F(GarbageKeeperTest, ReplicaThatMissedManyDeletesIsMadeEqualInOnePass) {
  const int keys = static_cast<int>(replica::GarbageRound::kRepairKeysMax) + 50;
  int written = 0;
  for (int i = 0; written < keys; ++i) {
    const std::string key = absl::StrCat("key", i);
    if (hash::PartitionOf(hash::TokenOf(model::kDefaultNamespace, key), 8) != 0) continue;
    ++written;
    for (size_t node = 0; node < 2; ++node) {
      Write(node, 0, key, now_.wall_ms - 50'000, Tombstone());
    }
  }
  SetMap();

  RunPass();

  EXPECT_EQ(Rounds(RoundEnd::kRepaired), 1u);
  EXPECT_EQ(Rounds(RoundEnd::kDropped), 1u);
  EXPECT_EQ(Waiting(WaitReason::kDiffers), 0);
  EXPECT_EQ(stats_.repaired_keys.value(), static_cast<uint64_t>(keys));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(nodes_[i].engine.ApproximateEntries(engine::Family::kRecords), 0u);
  }
}

TEST_F(GarbageKeeperTest, WhatIsWalkedIsPaidForInTime) {
  bytes_per_second_ = 1'000;
  keeper_ = MakeKeeper("n0");
  for (size_t i = 0; i < 3; ++i) {
    Write(i, 0, KeyIn(0), 900'000, ValueOf(std::string(5'000, 'v')));
    Write(i, 0, KeyIn(0, 1), 900'000, Tombstone());
  }
  SetMap();
  base::MonotonicTime began_at;
  before_ = [&](const GarbageAsk&) {
    if (began_at == base::MonotonicTime()) began_at = now_.monotonic;
  };

  RunPass();

  // Digest, digest and drop: three walks over 5 KB, and the pass ends with the last of them.
  EXPECT_FALSE(Holds(0, 0, KeyIn(0, 1)));
  EXPECT_GE(now_.monotonic - began_at, absl::Seconds(10));
  EXPECT_LE(now_.monotonic - began_at, absl::Seconds(20));
}

TEST_F(GarbageKeeperTest, AnswersToGivenUpRoundsAreIgnored) {
  DeleteEverywhere(0, KeyIn(0));
  SetMap();
  Advance(absl::Seconds(13));
  Take(keeper_->OnTimer(now_));
  Take(keeper_->OnView(View(), now_));
  ASSERT_EQ(asks_.size(), 3u);
  const std::deque<GarbageAsk> old = std::exchange(asks_, {});
  ++map_.epoch;
  map_.partitions[0].epoch = 2;
  SetMap();

  const size_t asks = asks_.size();
  for (const GarbageAsk& ask : old) Answer(ask);

  EXPECT_EQ(asks_.size(), asks);
  EXPECT_EQ(Rounds(RoundEnd::kMapChanged), 1u);
}

TEST_F(GarbageKeeperTest, NodeThatIsNotInTheMapDoesNothing) {
  keeper_ = MakeKeeper("stranger");
  DeleteEverywhere(0, KeyIn(0));
  SetMap();

  RunPass();

  EXPECT_EQ(asked_, 0u);
}

}  // namespace
}  // namespace quorumcache::transfer
