// SPDX-License-Identifier: Apache-2.0
// Whatever replicas answer, an operation ends once, by its deadline at the latest, and never trips
// a check: the replies here are random and mostly against the rules, as those of a stranger's node
// would be.
#include <memory>
#include <optional>
#include <vector>

#include "coordinator/quorum/make_operation.h"
#include "tests/coordinator/quorum/operation_fixture.h"
#include "tests/support/seed.h"

namespace quorumcache::quorum {
namespace {

using base::Random;

constexpr int kOperations = 20'000;

class RandomRepliesTest : public OperationFixture {
 protected:
  model::Ballot RandomBallot(Random* random) {
    if (random->OneIn(4)) return {};
    const uint64_t hlc = model::HlcFromMillis(kWallMs + random->Uniform(5)) - random->Uniform(3);
    return model::Ballot{1, hlc, 5 + random->Uniform(4)};
  }

  model::Record RandomRecord(Random* random, const model::Ballot& root) {
    model::Record record;
    record.state = static_cast<model::RecordState>(random->Uniform(3));
    if (record.state == model::RecordState::kValue) record.value = random->OneIn(2) ? "5" : "v";
    if (random->OneIn(3)) record.expire_at_ms = kWallMs + random->Uniform(6);
    std::vector<model::Change> changes;
    if (random->OneIn(3)) changes.push_back({{1, 1}, RandomBallot(random), 5});
    record.lineage = model::Lineage(random->OneIn(2) ? root : RandomBallot(random), changes);
    return record;
  }

  model::ReplicaReply RandomReply(Random* random) {
    constexpr model::ReplyStatus kStatuses[] = {
        model::ReplyStatus::kOk,       model::ReplyStatus::kOk,
        model::ReplyStatus::kOk,       model::ReplyStatus::kRefused,
        model::ReplyStatus::kLost,     model::ReplyStatus::kNotSent,
        model::ReplyStatus::kDiskFull, model::ReplyStatus::kUnspecified};
    model::ReplicaReply reply;
    reply.status = kStatuses[random->Uniform(std::size(kStatuses))];
    reply.accepted = RandomBallot(random);
    reply.promised = RandomBallot(random);
    reply.previous = RandomBallot(random);
    if (random->OneIn(4)) reply.forgotten = RandomBallot(random);
    if (!random->OneIn(3)) reply.record = RandomRecord(random, reply.accepted);
    reply.state = reply.record ? reply.record->state : model::RecordState::kAbsent;
    reply.expire_at_ms = reply.record ? reply.record->expire_at_ms : 0;
    reply.hlc = model::HlcFromMillis(kWallMs + random->Uniform(6));
    return reply;
  }

  std::unique_ptr<Operation> RandomOperation(Random* random) {
    OperationContext context = Context();
    context.consistency = static_cast<model::Consistency>(1 + random->Uniform(3));
    if (random->OneIn(3)) context.replicas.replicas.push_back({3, 2});
    if (random->OneIn(3)) {
      return MakeRead(std::move(context), {}, absl::Milliseconds(random->OneIn(2) ? 1 : 900));
    }
    Mutation mutation;
    mutation.kind = static_cast<MutationKind>(random->Uniform(5));
    mutation.condition.kind = static_cast<ConditionKind>(random->Uniform(4));
    mutation.return_previous = random->OneIn(4);
    mutation.delta = 1;
    if (random->OneIn(2)) mutation.request_id = model::RequestId{1, 1};
    if (random->OneIn(4)) mutation.first = model::Ballot{1, model::HlcFromMillis(kWallMs), 0};
    return MakeMutation(std::move(context), {}, std::move(mutation));
  }

  // Drives one operation to its end; false: it did not come to one.
  bool RunToTheEnd(Operation* operation, Random* random) {
    std::vector<Send> outstanding;
    int64_t nanos = 1;
    Actions actions = operation->Start(Now());
    for (int step = 0; step < 2'000; ++step) {
      outstanding.insert(outstanding.end(), actions.sends.begin(), actions.sends.end());
      EXPECT_EQ(actions.finished, operation->settled());
      if (actions.finished) return true;
      const base::Now now{base::MonotonicTime::FromNanos(nanos), kWallMs};
      if (outstanding.empty() || random->OneIn(10)) {
        nanos = std::max(nanos, operation->wake_at().nanos());
        actions = operation->OnTimer({base::MonotonicTime::FromNanos(nanos), kWallMs});
        continue;
      }
      const size_t i = random->Uniform(outstanding.size());
      const Send send = outstanding[i];
      if (!random->OneIn(8)) outstanding.erase(outstanding.begin() + static_cast<int64_t>(i));
      actions = operation->OnReply(send.replica, send.round, RandomReply(random), now);
    }
    return false;
  }
};

TEST_F(RandomRepliesTest, EveryOperationEndsOnce) {
  Random random(support::TestSeed());
  int succeeded = 0;
  for (int i = 0; i < kOperations; ++i) {
    const std::unique_ptr<Operation> operation = RandomOperation(&random);
    ASSERT_TRUE(RunToTheEnd(operation.get(), &random));
    const OpResult& result = operation->result();
    succeeded += result.error == OpError::kNone;
    // `unknown` comes with what a retry needs.
    if (result.outcome == Outcome::kUnknown) {
      ASSERT_FALSE(result.first.IsZero());
    }
  }
  EXPECT_GT(succeeded, kOperations / 20);
}

}  // namespace
}  // namespace quorumcache::quorum
