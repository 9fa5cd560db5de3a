// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_step.h"

#include "absl/strings/str_cat.h"
#include "common/model/hlc.h"
#include "tests/storage_node/replica/replica_fixture.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::transfer {
namespace {

using internal::v1::CollectGarbageRequest;
using internal::v1::CollectGarbageResponse;
using replica::BallotAt;
using replica::GarbageRound;
using replica::kIncarnation;
using replica::kWallMs;
using support::IsOk;
using support::StatusIs;
using Kind = GarbageAction::Kind;

class GarbageStepTest : public replica::ReplicaFixture {
 protected:
  GarbageStepTest() {
    replica_.reset();
    engine_.Wipe();
    options_.partition_count = 1;
    replica_ = replica::Replica::Open(&engine_, options_).value();
    const replica::PartitionAssignment all = {0, epoch_, 0, true};
    EXPECT_THAT(replica_->Configure({&all, 1}), IsOk());
  }
  replica::GarbageQuery Query() const {
    replica::GarbageQuery query;
    query.epoch = epoch_;
    query.floor = BallotAt(100, 0);
    query.now_ms = kWallMs;
    return query;
  }
  // A round over this replica alone.
  GarbageRound NewRound() const {
    return GarbageRound(Query(), 1, {.settle_ballot = BallotAt(kWallMs)});
  }
  absl::Status Ask(std::span<const GarbageAction> actions, CollectGarbageResponse* response) {
    // Through bytes, as on the wire.
    CollectGarbageRequest request;
    EXPECT_TRUE(request.ParseFromString(EncodeActions(actions, kIncarnation).SerializeAsString()));
    CollectGarbageResponse made;
    const absl::Status status = ExecuteStep(request, *replica_, kWallMs, &made);
    EXPECT_TRUE(response->ParseFromString(made.SerializeAsString()));
    return status;
  }
  model::ReplicaRequest Request(absl::string_view key, const model::Ballot& ballot,
                                model::Record record) {
    model::ReplicaRequest request = AcceptOf(key, ballot, std::move(record));
    request.partition = 0;
    return request;
  }
};

// What a round asks for, and what it makes of the answers, is the same on the wire as without.
TEST_F(GarbageStepTest, RoundOverTheWireDropsTheGarbage) {
  Do(Request("gone", BallotAt(50), replica::Tombstone()));
  Do(Request("live", BallotAt(50), replica::ValueOf("value")));
  GarbageRound round = NewRound();

  GarbageActions actions = round.Start();
  while (!round.is_finished()) {
    ASSERT_EQ(actions.size(), 1u);
    CollectGarbageResponse response;
    const absl::Status status = Ask(actions, &response);
    ASSERT_THAT(status, IsOk());
    actions = Deliver(actions, status, response, &round).next;
  }

  EXPECT_EQ(round.result(), GarbageRound::Result::kDropped);
  EXPECT_EQ(round.dropped(), 1u);
  EXPECT_EQ(engine_.ApproximateEntries(engine::Family::kRecords), 1u);
}

TEST_F(GarbageStepTest, DigestAndEntriesComeBackAsTheyWere) {
  Do(Request("a", BallotAt(50), replica::ValueOf("value")));
  GarbageAction digest{.kind = Kind::kDigest, .query = Query()};
  GarbageAction list{.kind = Kind::kList, .query = Query()};
  CollectGarbageResponse response;

  ASSERT_THAT(Ask({&digest, 1}, &response), IsOk());
  replica::GarbageQuery own = Query();
  own.incarnation = kIncarnation;
  const replica::DigestPage direct = replica_->Digest(own, kWallMs);
  EXPECT_EQ(response.digest_count(), direct.digest.count);
  EXPECT_EQ(response.digest_low(), direct.digest.low);
  EXPECT_EQ(response.digest_high(), direct.digest.high);
  EXPECT_TRUE(response.complete());
  EXPECT_GT(response.walked_bytes(), 0u);

  ASSERT_THAT(Ask({&list, 1}, &response), IsOk());
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_EQ(response.entries(0).engine_key(), replica::EngineKeyOf("a"));
  EXPECT_EQ(response.entries(0).accepted().hlc(), BallotAt(50).hlc);
}

TEST_F(GarbageStepTest, ManyKeysAreReadAndRepairedInOneRequest) {
  for (int i = 0; i < 10; ++i) {
    Do(Request(absl::StrCat("key", i), BallotAt(50), replica::ValueOf("old")));
  }
  GarbageActions actions;
  for (int i = 0; i < 10; ++i) {
    GarbageAction repair{.kind = Kind::kAccept, .query = Query()};
    repair.engine_key = replica::EngineKeyOf(absl::StrCat("key", i));
    repair.ballot = BallotAt(60);
    repair.record = replica::ValueOf("new");
    repair.is_repair = true;
    actions.push_back(repair);
  }
  GarbageAction read{.kind = Kind::kRead, .query = Query()};
  read.engine_key = replica::EngineKeyOf("key3");
  actions.push_back(read);
  CollectGarbageResponse response;

  ASSERT_THAT(Ask(actions, &response), IsOk());

  ASSERT_EQ(response.replies().replies_size(), 11);
  EXPECT_EQ(response.replies().replies(10).id(), 10u);
  EXPECT_EQ(response.replies().replies(10).record().value(), "new");
}

// Or 64 large values would make an answer that no message can hold.
TEST_F(GarbageStepTest, LargeAnswersAreCutAndTheRestIsToBeAskedAgain) {
  GarbageActions reads;
  for (int i = 0; i < 8; ++i) {
    const std::string key = absl::StrCat("key", i);
    Do(Request(key, BallotAt(50), replica::ValueOf(std::string(1 << 20, 'v'))));
    GarbageAction read{.kind = Kind::kRead, .query = Query()};
    read.engine_key = replica::EngineKeyOf(key);
    reads.push_back(read);
  }
  CollectGarbageResponse response;
  ASSERT_THAT(Ask(reads, &response), IsOk());
  GarbageRound round = NewRound();
  round.Start();

  const StepOutcome outcome = Deliver(reads, absl::OkStatus(), response, &round);

  EXPECT_EQ(outcome.answered, 4u);
}

TEST_F(GarbageStepTest, RefusalsSayWhy) {
  CollectGarbageResponse response;
  GarbageAction action{.kind = Kind::kDigest, .query = Query()};
  const auto execute = [&](CollectGarbageRequest request) {
    return ExecuteStep(request, *replica_, kWallMs, &response);
  };

  EXPECT_THAT(execute(EncodeActions({&action, 1}, kIncarnation + 1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  CollectGarbageRequest stale = EncodeActions({&action, 1}, kIncarnation);
  stale.set_epoch(0);
  EXPECT_THAT(execute(stale), StatusIs(absl::StatusCode::kFailedPrecondition));
  CollectGarbageRequest elsewhere = EncodeActions({&action, 1}, kIncarnation);
  elsewhere.set_partition(5);
  EXPECT_THAT(execute(elsewhere), StatusIs(absl::StatusCode::kInvalidArgument));
  CollectGarbageRequest early = EncodeActions({&action, 1}, kIncarnation);
  early.set_now_ms(kWallMs + 1);
  EXPECT_THAT(execute(early), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(execute(CollectGarbageRequest()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(GarbageStepTest, FullDiskIsToldAsSuch) {
  engine_.SetDiskFull(true);
  GarbageAction raise{.kind = Kind::kRaiseFloor, .query = Query()};
  CollectGarbageResponse response;

  EXPECT_THAT(Ask({&raise, 1}, &response), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(GarbageStepTest, ErrorFailsTheRoundWithItsCause) {
  const std::vector<std::pair<absl::Status, model::ReplyStatus>> causes = {
      {absl::UnavailableError("down"), model::ReplyStatus::kUnavailable},
      {absl::DeadlineExceededError("slow"), model::ReplyStatus::kUnavailable},
      {absl::FailedPreconditionError("epoch"), model::ReplyStatus::kWrongNode},
      {absl::DataLossError("rot"), model::ReplyStatus::kCorrupt}};
  for (const auto& [status, expected] : causes) {
    GarbageRound round = NewRound();
    const GarbageActions actions = round.Start();

    Deliver(actions, status, CollectGarbageResponse(), &round);

    EXPECT_EQ(round.phase(), GarbageRound::Phase::kFailed);
    EXPECT_EQ(round.failure_status(), expected);
  }
}

// From the network: whatever it is, it must not crash the one who asked.
TEST_F(GarbageStepTest, MalformedEntriesFailTheRound) {
  GarbageRound round(Query(), 2, {.settle_ballot = BallotAt(kWallMs)});
  const GarbageActions digests = round.Start();
  CollectGarbageResponse digest;
  digest.set_complete(true);
  Deliver({&digests[0], 1}, absl::OkStatus(), digest, &round);
  digest.set_digest_count(1);
  const GarbageActions lists = Deliver({&digests[1], 1}, absl::OkStatus(), digest, &round).next;
  ASSERT_EQ(round.phase(), GarbageRound::Phase::kList);
  CollectGarbageResponse entries;
  entries.set_complete(true);
  entries.add_entries()->set_engine_key("short");

  Deliver({&lists[0], 1}, absl::OkStatus(), entries, &round);

  EXPECT_EQ(round.phase(), GarbageRound::Phase::kFailed);
  EXPECT_EQ(round.failure_status(), model::ReplyStatus::kInvalid);
}

}  // namespace
}  // namespace quorumcache::transfer
