// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_round.h"

#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/random.h"
#include "storage_node/engine/key_codec.h"
#include "tests/storage_node/replica/replica_fixture.h"
#include "tests/support/seed.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;
using model::ReplyStatus;
using Kind = GarbageAction::Kind;
using Phase = GarbageRound::Phase;
using Result = GarbageRound::Result;

// Three replicas of one partition map, and whoever runs a round over them.
class GarbageRoundTest : public testing::Test {
 protected:
  static constexpr size_t kReplicaCount = 3;

  GarbageRoundTest() {
    for (Node& node : nodes_) {
      ReplicaOptions options;
      options.incarnation = kIncarnation;
      options.partition_count = 1;
      auto opened = Replica::Open(&node.engine, options);
      QC_CHECK(opened.ok());
      node.replica = *std::move(opened);
      const PartitionAssignment all = {0, 1, 0, true};
      QC_CHECK(node.replica->Configure({&all, 1}).ok());
    }
  }

  model::ReplicaReply Apply(size_t node, const std::string& key,
                            decltype(model::ReplicaRequest::body) body) {
    model::ReplicaRequest request;
    request.epoch = 1;
    request.incarnation = kIncarnation;
    request.key = model::Key{model::kDefaultNamespace, key};
    request.body = std::move(body);
    std::vector<model::ReplicaReply> replies;
    nodes_[node].replica->Apply({&request, 1}, kWallMs, &replies);
    return replies.front();
  }
  model::ReplicaReply Accept(size_t node, const std::string& key, const Ballot& ballot,
                             model::Record record, bool repair = false) {
    model::AcceptRequest accept;
    accept.ballot = ballot;
    accept.record = std::move(record);
    accept.repair = repair;
    return Apply(node, key, std::move(accept));
  }
  void AcceptEverywhere(const std::string& key, const Ballot& ballot, const model::Record& record) {
    for (size_t i = 0; i < kReplicaCount; ++i) Accept(i, key, ballot, record);
  }
  Ballot Held(size_t node, const std::string& key) {
    return Apply(node, key, model::ReadRequest{}).accepted;
  }

  static GarbageQuery QueryUpTo(uint64_t floor_ms) {
    GarbageQuery query;
    query.epoch = 1;
    query.floor = BallotAt(floor_ms, 0);
    query.now_ms = kWallMs;
    return query;
  }
  // Each has a ballot of its own to settle with, as each is started at another time.
  GarbageRound NewRound(uint64_t floor_ms = 100) {
    return GarbageRound(QueryUpTo(floor_ms), kReplicaCount,
                        {.settle_ballot = BallotAt(kWallMs - 1000 + ++rounds_)});
  }
  Ballot FloorOf(size_t node) const { return nodes_[node].replica->partitions().row(0).floor; }

  // Does what the round asks for until it asks for nothing. A replica in `silent_` fails
  // everything; `stop_after` actions the runner dies.
  void Run(GarbageRound* round, int stop_after = 1'000'000) {
    std::deque<GarbageAction> queue;
    for (GarbageAction& action : round->Start()) queue.push_back(std::move(action));
    while (!queue.empty() && stop_after-- > 0) {
      const GarbageAction action = std::move(queue.front());
      queue.pop_front();
      for (GarbageAction& next : Perform(action, round)) queue.push_back(std::move(next));
    }
  }

  std::vector<GarbageAction> Perform(const GarbageAction& action, GarbageRound* round) {
    if (before_) before_(action);
    Replica& replica = *nodes_[action.replica].replica;
    GarbageQuery query = action.query;
    // A silent one is not the one that is meant, and so says no to everything.
    query.incarnation = silent_.contains(action.replica) ? 0 : kIncarnation;
    switch (action.kind) {
      case Kind::kDigest:
        return round->OnDigest(action.replica, replica.Digest(query, kWallMs));
      case Kind::kList:
        return round->OnEntries(action.replica, replica.ListEntries(query, kWallMs));
      case Kind::kDrop:
        return round->OnDropped(action.replica, replica.DropGarbage(query, kWallMs));
      case Kind::kRaiseFloor:
        return round->OnFloorRaised(action.replica, replica.RaiseFloor(query, kWallMs));
      case Kind::kRead:
        return round->OnRead(action.replica, action.engine_key,
                             Apply(action.replica, KeyOf(action), model::ReadRequest{}));
      case Kind::kPrepare:
        return round->OnPrepared(
            action.replica, action.engine_key,
            Apply(action.replica, KeyOf(action), model::PrepareRequest{action.ballot}));
      case Kind::kAccept:
        break;
    }
    return round->OnAccepted(
        action.replica, action.engine_key,
        Accept(action.replica, KeyOf(action), action.ballot, action.record, action.is_repair));
  }
  static std::string KeyOf(const GarbageAction& action) {
    return std::string(engine::DecodeKey(action.engine_key)->bytes);
  }

  struct Node {
    engine::MemoryEngine engine;
    std::unique_ptr<Replica> replica;
  };
  Node nodes_[kReplicaCount];
  std::set<size_t> silent_;
  uint64_t rounds_ = 0;
  // Sees each action before it is done: what happens between two steps of a round.
  std::function<void(const GarbageAction&)> before_;
};

TEST_F(GarbageRoundTest, FloorAndExpiryAreTheGraceBehindNow) {
  const GarbageQuery query = MakeGarbageQuery(7, 3, 10'000, 4'000);

  EXPECT_EQ(query.partition, 7u);
  EXPECT_EQ(query.floor, (Ballot{3, model::HlcFromMillis(6'000), 0}));
  EXPECT_EQ(query.now_ms, 6'000u);
}

TEST_F(GarbageRoundTest, GarbageThatAllAgreeOnGoesEverywhere) {
  AcceptEverywhere("gone", BallotAt(50), Tombstone());
  AcceptEverywhere("live", BallotAt(50), ValueOf("value"));
  AcceptEverywhere("young", BallotAt(500), Tombstone());

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.phase(), Phase::kDone);
  EXPECT_EQ(round.result(), Result::kDropped);
  EXPECT_EQ(round.dropped(), 3u);
  for (size_t i = 0; i < kReplicaCount; ++i) {
    EXPECT_TRUE(Held(i, "gone").IsZero());
    EXPECT_EQ(Held(i, "live"), BallotAt(50));
    EXPECT_EQ(Held(i, "young"), BallotAt(500));
    EXPECT_EQ(FloorOf(i), BallotAt(100, 0));
  }
}

TEST_F(GarbageRoundTest, PartitionWithoutGarbageIsLeftAlone) {
  AcceptEverywhere("live", BallotAt(50), ValueOf("value"));
  AcceptEverywhere("young", BallotAt(500), Tombstone());

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.result(), Result::kNothing);
  EXPECT_TRUE(FloorOf(0).IsZero());
}

TEST_F(GarbageRoundTest, OneReplicaThatMissedTheDeleteHasItBeforeAnythingGoes) {
  AcceptEverywhere("key", BallotAt(40), ValueOf("old"));
  Accept(0, "key", BallotAt(50), Tombstone());
  Accept(1, "key", BallotAt(50), Tombstone());
  before_ = [this](const GarbageAction& action) {
    if (action.kind != Kind::kRaiseFloor) return;
    for (size_t i = 0; i < kReplicaCount; ++i) EXPECT_EQ(Held(i, "key"), BallotAt(50));
  };

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.result(), Result::kDropped);
  EXPECT_EQ(round.repaired_keys(), 1u);
  for (size_t i = 0; i < kReplicaCount; ++i) EXPECT_TRUE(Held(i, "key").IsZero());
}

// A delete that was on its way for longer than the grace: two take it between the comparison and
// the floor, the third refuses it, and must not be left with the value alone.
TEST_F(GarbageRoundTest, DeleteThatComesInBehindTheComparisonIsNotForgotten) {
  AcceptEverywhere("key", BallotAt(40), ValueOf("old"));
  AcceptEverywhere("gone", BallotAt(40), Tombstone());
  before_ = [this](const GarbageAction& action) {
    if (action.kind != Kind::kRaiseFloor || action.replica != 0) return;
    Accept(0, "key", BallotAt(50), Tombstone());
    Accept(1, "key", BallotAt(50), Tombstone());
  };

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.result(), Result::kDropped);
  for (size_t i = 0; i < kReplicaCount; ++i) {
    EXPECT_TRUE(Held(i, "gone").IsZero());
    EXPECT_EQ(Apply(i, "key", model::ReadRequest{}).state, model::RecordState::kTombstone);
    EXPECT_GT(Held(i, "key"), BallotAt(100)) << "settled under a new ballot";
  }
}

TEST_F(GarbageRoundTest, KeyThatCannotBeSettledKeepsEverything) {
  AcceptEverywhere("key", BallotAt(40), ValueOf("old"));
  AcceptEverywhere("gone", BallotAt(40), Tombstone());
  before_ = [this](const GarbageAction& action) {
    if (action.kind == Kind::kRaiseFloor && action.replica == 0) {
      Accept(0, "key", BallotAt(50), Tombstone());
    }
    if (action.kind == Kind::kPrepare && action.replica == 0) {
      Apply(2, "key", model::PrepareRequest{BallotAt(kWallMs)});
    }
  };

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.result(), Result::kRepaired);
  EXPECT_EQ(Held(0, "gone"), BallotAt(40));
  before_ = nullptr;
  GarbageRound next =
      GarbageRound(QueryUpTo(100), kReplicaCount, {.settle_ballot = BallotAt(kWallMs + 1)});
  Run(&next);
  EXPECT_EQ(next.result(), Result::kDropped);
}

// Or a partition that is written to would never be rid of its garbage.
TEST_F(GarbageRoundTest, KeysWrittenWhileReplicasAreComparedDoNotStopIt) {
  AcceptEverywhere("gone", BallotAt(40), Tombstone());
  for (int i = 0; i < 20; ++i) {
    AcceptEverywhere(absl::StrCat("busy", i), BallotAt(40), ValueOf("old"));
  }
  int next = 0;
  before_ = [&](const GarbageAction& action) {
    if (action.kind != Kind::kDigest || action.replica == 0) return;
    AcceptEverywhere(absl::StrCat("busy", next++), BallotAt(500), ValueOf("new"));
  };

  GarbageRound round = NewRound();
  Run(&round);

  EXPECT_EQ(round.result(), Result::kDropped);
  EXPECT_EQ(round.repaired_keys(), 0u);
}

TEST_F(GarbageRoundTest, MoreDifferencesThanOneRoundTakesAreLeftToTheNext) {
  const size_t keys = GarbageRound::kRepairKeysMax + 10;
  for (size_t i = 0; i < keys; ++i) {
    Accept(0, absl::StrCat("key", i), BallotAt(40), Tombstone());
    Accept(1, absl::StrCat("key", i), BallotAt(40), Tombstone());
  }

  GarbageRound first = NewRound();
  Run(&first);
  GarbageRound second = NewRound();
  Run(&second);

  EXPECT_EQ(first.result(), Result::kRepaired);
  EXPECT_EQ(first.repaired_keys(), GarbageRound::kRepairKeysMax);
  EXPECT_EQ(second.result(), Result::kDropped);
  EXPECT_EQ(second.dropped(), keys * kReplicaCount);
}

TEST_F(GarbageRoundTest, NewerRecordAboveTheFloorIsWhatARepairDelivers) {
  AcceptEverywhere("key", BallotAt(40), ValueOf("old"));
  Accept(0, "key", BallotAt(500), ValueOf("new"));

  GarbageRound round = NewRound();
  Run(&round);

  for (size_t i = 0; i < kReplicaCount; ++i) EXPECT_EQ(Held(i, "key"), BallotAt(500));
  EXPECT_EQ(round.repaired_keys(), 1u);
}

TEST_F(GarbageRoundTest, SilentReplicaStopsEverything) {
  AcceptEverywhere("gone", BallotAt(50), Tombstone());
  for (size_t silent = 0; silent < kReplicaCount; ++silent) {
    silent_ = {silent};

    GarbageRound round = NewRound();
    Run(&round);

    EXPECT_EQ(round.phase(), Phase::kFailed);
    EXPECT_EQ(round.result(), Result::kNone);
    EXPECT_EQ(round.failure_status(), ReplyStatus::kWrongNode);
    EXPECT_NE(round.failure().find(absl::StrCat("replica ", silent)), std::string::npos);
    for (size_t i = 0; i < kReplicaCount; ++i) EXPECT_EQ(Held(i, "gone"), BallotAt(50));
  }
}

// The runner dies after every possible number of steps; a later round goes on, and at no moment may
// a replica have dropped what another does not refuse.
TEST_F(GarbageRoundTest, RoundMayBreakOffAnywhereAndBeRepeated) {
  for (int steps = 0; steps < 15; ++steps) {
    const uint64_t base_ms = 1000 * (static_cast<uint64_t>(steps) + 1);
    const std::string key = absl::StrCat("gone", steps);
    AcceptEverywhere(key, BallotAt(base_ms), Tombstone());

    GarbageRound broken = NewRound(base_ms + 100);
    Run(&broken, steps);
    bool has_any_dropped = false;
    for (size_t i = 0; i < kReplicaCount; ++i) has_any_dropped |= Held(i, key).IsZero();
    for (size_t i = 0; i < kReplicaCount && has_any_dropped; ++i) {
      EXPECT_GE(FloorOf(i), BallotAt(base_ms + 100, 0));
    }

    GarbageRound next = NewRound(base_ms + 100);
    Run(&next);
    EXPECT_EQ(next.phase(), Phase::kDone) << next.failure();
    for (size_t i = 0; i < kReplicaCount; ++i) EXPECT_TRUE(Held(i, key).IsZero()) << steps;
  }
}

TEST_F(GarbageRoundTest, AnswersAfterTheEndAreIgnored) {
  GarbageRound round = NewRound();
  Run(&round);
  ASSERT_TRUE(round.is_finished());

  EXPECT_TRUE(round.OnDigest(0, DigestPage{}).empty());
  EXPECT_TRUE(round.OnEntries(0, EntryPage{}).empty());
  EXPECT_TRUE(round.OnRead(0, "k", model::ReplicaReply{}).empty());
  EXPECT_TRUE(round.OnPrepared(0, "k", model::ReplicaReply{}).empty());
  EXPECT_TRUE(round.OnAccepted(0, "k", model::ReplicaReply{}).empty());
  EXPECT_TRUE(round.OnFloorRaised(0, GarbagePage{}).empty());
  EXPECT_TRUE(round.OnDropped(0, DropPage{}).empty());
}

// Random replicas that have missed some writes: rounds repeated until they drop leave all equal,
// and no delete undone.
TEST_F(GarbageRoundTest, RepeatedRoundsConvergeAndNothingDeletedComesBack) {
  base::Random random(support::TestSeed());
  std::vector<Ballot> newest(200);
  std::vector<bool> is_deleted(200);
  for (int i = 0; i < 2000; ++i) {
    const size_t number = random.Uniform(newest.size());
    const Ballot ballot = BallotAt(1 + random.Uniform(90), random.Next());
    const bool deletes = random.OneIn(3);
    bool is_held = false;
    for (size_t node = 0; node < kReplicaCount; ++node) {
      if (random.OneIn(4)) continue;
      const model::ReplicaReply reply =
          Accept(node, absl::StrCat(number), ballot, deletes ? Tombstone() : ValueOf("value"));
      is_held = is_held || reply.status == ReplyStatus::kOk;
    }
    if (is_held && ballot > newest[number]) {
      newest[number] = ballot;
      is_deleted[number] = deletes;
    }
  }

  for (int rounds = 0;; ++rounds) {
    ASSERT_LT(rounds, 10);
    GarbageRound round = NewRound();
    Run(&round);
    ASSERT_EQ(round.phase(), Phase::kDone) << round.failure();
    if (round.result() == Result::kDropped) break;
  }

  for (size_t number = 0; number < newest.size(); ++number) {
    for (size_t node = 0; node < kReplicaCount; ++node) {
      EXPECT_EQ(Held(node, absl::StrCat(number)), is_deleted[number] ? Ballot{} : newest[number]);
    }
  }
}

}  // namespace
}  // namespace quorumcache::replica
