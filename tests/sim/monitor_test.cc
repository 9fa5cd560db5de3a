// SPDX-License-Identifier: Apache-2.0
// The Monitor refuses every state that is broken in one of its ways. One that refuses nothing
// proves nothing.
#include "tests/sim/monitor.h"

#include <algorithm>
#include <string>

#include "common/model/hlc.h"
#include "gtest/gtest.h"

namespace quorumcache::sim {
namespace {

using model::Ballot;
using model::ReplyStatus;

constexpr uint64_t kWallMs = 1'000'000;

class MonitorTest : public testing::Test {
 protected:
  static Ballot At(uint64_t hlc) { return Ballot{1, hlc, 1}; }

  // Node 0 is asked to accept `ballot` with `value`, and answers `status` holding `held`.
  // `floor`: of the node.
  void Accept(size_t node, uint64_t ballot, const char* value, ReplyStatus status, uint64_t held,
              uint64_t floor = 0) {
    model::ReplicaRequest request;
    request.epoch = epoch_;
    model::Record record;
    record.state = model::RecordState::kValue;
    record.value = value;
    record.lineage = lineage_;
    model::AcceptRequest accept;
    accept.ballot = At(ballot);
    accept.record = record;
    accept.repair = is_repair_;
    request.body = accept;
    model::ReplicaReply reply;
    reply.status = status;
    if (held != 0) reply.accepted = At(held);
    reply.promised = At(std::max(held, floor));
    reply.forgotten = At(floor);
    monitor_.OnExecuted(node, request, reply, At(floor), kWallMs);
  }

  model::Lineage lineage_;
  uint32_t epoch_ = 1;
  bool is_repair_ = false;
  Monitor monitor_{3};
};

TEST_F(MonitorTest, AcceptsWhatTheRulesAllow) {
  Accept(0, 5, "a", ReplyStatus::kOk, 5);
  Accept(0, 5, "a", ReplyStatus::kOk, 5);
  Accept(0, 7, "b", ReplyStatus::kOk, 7);
  Accept(0, 6, "c", ReplyStatus::kRefused, 7);

  EXPECT_EQ(monitor_.violation(), "");
}

TEST_F(MonitorTest, RejectsAReplicaThatGoesBack) {
  Accept(0, 7, "a", ReplyStatus::kOk, 7);
  Accept(0, 5, "b", ReplyStatus::kOk, 5);

  EXPECT_NE(monitor_.violation().find("I1"), std::string::npos);
}

TEST_F(MonitorTest, RejectsTwoRecordsUnderOneBallot) {
  Accept(0, 5, "a", ReplyStatus::kOk, 5);
  Accept(1, 5, "b", ReplyStatus::kOk, 5);

  EXPECT_NE(monitor_.violation().find("I2"), std::string::npos);
}

TEST_F(MonitorTest, RejectsAnAnswerThatAMinorityHolds) {
  model::ReplicaSet set;
  set.slot_count = 3;
  for (uint8_t i = 0; i < 3; ++i) set.replicas.push_back({i, i});
  Accept(0, 5, "a", ReplyStatus::kOk, 5);

  monitor_.OnAnswer(At(5), set, 2);

  EXPECT_NE(monitor_.violation().find("I3"), std::string::npos);
}

TEST_F(MonitorTest, RejectsAYesAfterANo) {
  Accept(0, 7, "a", ReplyStatus::kOk, 7);
  Accept(0, 8, "b", ReplyStatus::kRefused, 7);
  Accept(0, 8, "b", ReplyStatus::kOk, 8);

  EXPECT_NE(monitor_.violation().find("I5"), std::string::npos);
}

TEST_F(MonitorTest, RecordAtOrBelowTheFloorMayBeForgottenAndWasHeldAllTheSame) {
  model::ReplicaSet set;
  set.slot_count = 1;
  set.replicas.push_back({0, 0});
  Accept(0, 7, "a", ReplyStatus::kOk, 7);
  Accept(0, 6, "b", ReplyStatus::kRefused, 0, /*floor=*/8);

  monitor_.OnAnswer(At(7), set, 1);

  EXPECT_EQ(monitor_.violation(), "");
}

TEST_F(MonitorTest, RejectsARecordThatIsGoneAboveTheFloor) {
  Accept(0, 7, "a", ReplyStatus::kOk, 7);
  Accept(0, 5, "b", ReplyStatus::kRefused, 0, /*floor=*/6);

  EXPECT_NE(monitor_.violation().find("I1"), std::string::npos);
}

TEST_F(MonitorTest, RejectsAYesBelowTheFloorUnlessItIsARepeat) {
  Accept(0, 7, "a", ReplyStatus::kOk, 7);
  Accept(0, 7, "a", ReplyStatus::kOk, 7, /*floor=*/8);
  EXPECT_EQ(monitor_.violation(), "");

  Accept(1, 7, "a", ReplyStatus::kOk, 7, /*floor=*/8);
  EXPECT_NE(monitor_.violation().find("I8"), std::string::npos);
}

TEST_F(MonitorTest, RepairMayBringWhatWasRefusedForItsEpoch) {
  epoch_ = 2;
  Accept(0, 7, "a", ReplyStatus::kRefused, 0);
  is_repair_ = true;

  Accept(0, 7, "a", ReplyStatus::kOk, 7);

  EXPECT_EQ(monitor_.violation(), "");
}

TEST_F(MonitorTest, RejectsARequestIdTwiceInALineage) {
  const model::RequestId id{0, 1};
  lineage_ = model::Lineage(At(1), {{id, At(2), 1}, {id, At(3), 1}});

  Accept(0, 3, "a", ReplyStatus::kOk, 3);

  EXPECT_NE(monitor_.violation().find("I9"), std::string::npos);
}

TEST_F(MonitorTest, RejectsObedienceToAClockFarAhead) {
  model::ReplicaRequest request;
  request.body = model::ReadRequest{};
  request.hlc = model::HlcFromMillis(kWallMs + 501);
  model::ReplicaReply reply;
  reply.status = ReplyStatus::kOk;

  monitor_.OnExecuted(0, request, reply, /*floor=*/{}, kWallMs);

  EXPECT_NE(monitor_.violation().find("clock skew"), std::string::npos);
}

}  // namespace
}  // namespace quorumcache::sim
