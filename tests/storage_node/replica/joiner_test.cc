// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/joiner.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/error.h"

namespace quorumcache::replica {
namespace {

using base::MonotonicTime;
using model::ReplyStatus;
using testing::IsEmpty;
using testing::SizeIs;

MonotonicTime At(int64_t ms) {
  return MonotonicTime::FromNanos(ms * 1'000'000);
}

JoinTask MovingTask(uint32_t partition, uint32_t join_id = 7) {
  return {.partition = partition,
          .epoch = join_id,
          .ballot_floor_epoch = join_id,
          .same_slot = true,
          .sources_needed = 1,
          .sources = {{"n1", 101}},
          .progress = {join_id, {}}};
}

JoinTask VacantTask() {
  JoinTask task = MovingTask(0);
  task.same_slot = false;
  task.sources_needed = 2;
  task.sources = {{"n1", 101}, {"n2", 102}, {"n3", 103}};
  return task;
}

PullReply Page(const std::string& page) {
  return {ReplyStatus::kOk, "", page};
}

ImportResult Imported(uint64_t source, const std::string& after, bool source_done, bool complete) {
  return {absl::OkStatus(), complete, {7, {{source, source_done, after}}}};
}

TEST(JoinerTest, PullsPageAfterPageUntilTheCopyIsWhole) {
  Joiner joiner({});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(3)}, At(0));
  ASSERT_THAT(actions.pulls, SizeIs(1));
  EXPECT_EQ(actions.pulls[0].source, (NodeRef{"n1", 101}));
  EXPECT_EQ(actions.pulls[0].request,
            (PullRequest{3, 7, 7, 101, "", JoinerOptions{}.page_size_bytes_max}));

  actions = joiner.OnPage(actions.pulls[0].id, Page("p1"), At(1));
  ASSERT_THAT(actions.imports, SizeIs(1));
  EXPECT_EQ(actions.imports[0].request.page, "p1");
  EXPECT_EQ(actions.imports[0].request.source, 101u);
  EXPECT_EQ(actions.imports[0].request.join_id, 7u);
  EXPECT_TRUE(actions.imports[0].request.same_slot);

  actions = joiner.OnImported(actions.imports[0].id, Imported(101, "k5", false, false), At(2));
  ASSERT_THAT(actions.pulls, SizeIs(1));
  EXPECT_EQ(actions.pulls[0].request.after, "k5");
  actions = joiner.OnPage(actions.pulls[0].id, Page("p2"), At(3));
  actions = joiner.OnImported(actions.imports[0].id, Imported(101, "", true, true), At(4));
  EXPECT_THAT(actions.pulls, IsEmpty());
  EXPECT_EQ(joiner.joins_left(), 0u);
  EXPECT_EQ(joiner.wake_at(), MonotonicTime::Infinite());
}

TEST(JoinerTest, GoesOnAtThePersistedCursor) {
  JoinTask task = MovingTask(0);
  task.progress.sources = {{101, false, "k9"}};
  Joiner joiner({});

  EXPECT_EQ(joiner.OnTasks({task}, At(0)).pulls.at(0).request.after, "k9");
}

TEST(JoinerTest, AWholeCopyIsNotPulledAgain) {
  JoinTask task = MovingTask(0);
  task.complete = true;
  Joiner joiner({});

  EXPECT_THAT(joiner.OnTasks({task}, At(0)).pulls, IsEmpty());
  EXPECT_EQ(joiner.joins_left(), 0u);
}

TEST(JoinerTest, TakesTheNextSourceWhenOneHasComeToItsEndOrFails) {
  Joiner joiner({});
  Joiner::Actions actions = joiner.OnTasks({VacantTask()}, At(0));
  actions = joiner.OnPage(actions.pulls[0].id, Page("all of n1"), At(1));
  EXPECT_FALSE(actions.imports[0].request.same_slot);
  EXPECT_EQ(actions.imports[0].request.sources_needed, 2u);
  actions = joiner.OnImported(actions.imports[0].id, Imported(101, "", true, false), At(2));
  ASSERT_THAT(actions.pulls, SizeIs(1));
  EXPECT_EQ(actions.pulls[0].source.id, "n2");

  actions = joiner.OnPage(actions.pulls[0].id, {ReplyStatus::kLost, "down", ""}, At(3));
  EXPECT_THAT(actions.pulls, IsEmpty());
  EXPECT_EQ(joiner.last_error(), "partition 0: node n2: down");
  const MonotonicTime wake = joiner.wake_at();
  EXPECT_GT(wake, At(3));
  actions = joiner.OnTimer(wake);
  ASSERT_THAT(actions.pulls, SizeIs(1));
  EXPECT_EQ(actions.pulls[0].source.id, "n3");
}

TEST(JoinerTest, WaitsLongerAfterEveryFailure) {
  Joiner joiner({.backoff_min = absl::Milliseconds(10), .backoff_max = absl::Milliseconds(40)});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(0)}, At(0));
  MonotonicTime now = At(0);
  for (const int64_t wait_ms : {10, 20, 40, 40}) {
    ASSERT_THAT(actions.pulls, SizeIs(1));
    actions = joiner.OnPage(actions.pulls[0].id, {ReplyStatus::kUnavailable, "no", ""}, now);
    EXPECT_EQ(joiner.wake_at() - now, absl::Milliseconds(wait_ms));
    EXPECT_THAT(joiner.OnTimer(now).pulls, IsEmpty());
    now = joiner.wake_at();
    actions = joiner.OnTimer(now);
  }
}

TEST(JoinerTest, AFailedMergeTellsWhereTheCopyStands) {
  Joiner joiner({});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(0)}, At(0));
  actions = joiner.OnPage(actions.pulls[0].id, Page("p"), At(1));
  ImportResult failed = Imported(101, "k3", false, false);
  failed.status = engine::MakeError(engine::Cause::kInvalid, "not the next page");
  actions = joiner.OnImported(actions.imports[0].id, failed, At(2));
  actions = joiner.OnTimer(joiner.wake_at());

  EXPECT_EQ(actions.pulls.at(0).request.after, "k3");
}

TEST(JoinerTest, CopiesNoMorePartitionsAtOnceThanAllowed) {
  Joiner joiner({.streams_max = 2});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(1), MovingTask(2), MovingTask(3)}, At(0));
  ASSERT_THAT(actions.pulls, SizeIs(2));

  const uint64_t first = actions.pulls[0].id;
  actions = joiner.OnPage(first, Page("p"), At(1));
  EXPECT_THAT(actions.pulls, IsEmpty());
  actions = joiner.OnImported(first, Imported(101, "", true, true), At(2));
  ASSERT_THAT(actions.pulls, SizeIs(1));
  EXPECT_EQ(actions.pulls[0].request.partition, 3u);
}

TEST(JoinerTest, StaysWithinItsBandwidth) {
  Joiner joiner({.bytes_per_second = 1000});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(0)}, At(0));
  actions = joiner.OnPage(actions.pulls[0].id, Page(std::string(500, 'x')), At(0));
  actions = joiner.OnImported(actions.imports[0].id, Imported(101, "k", false, false), At(10));

  EXPECT_THAT(actions.pulls, IsEmpty());
  EXPECT_EQ(joiner.wake_at(), At(500));
  EXPECT_THAT(joiner.OnTimer(At(499)).pulls, IsEmpty());
  EXPECT_THAT(joiner.OnTimer(At(500)).pulls, SizeIs(1));
}

TEST(JoinerTest, ANewJoinBeginsAnewAndLateAnswersAreIgnored) {
  Joiner joiner({});
  const Joiner::Actions before = joiner.OnTasks({MovingTask(0, 7)}, At(0));
  const Joiner::Actions after = joiner.OnTasks({MovingTask(0, 9)}, At(1));
  ASSERT_THAT(after.pulls, SizeIs(1));
  EXPECT_EQ(after.pulls[0].request.ballot_floor_epoch, 9u);

  EXPECT_THAT(joiner.OnPage(before.pulls[0].id, Page("late"), At(2)).imports, IsEmpty());
  EXPECT_THAT(joiner.OnPage(after.pulls[0].id, Page("new"), At(3)).imports, SizeIs(1));
}

TEST(JoinerTest, TheSameJoinGoesOnUnderAHigherEpoch) {
  Joiner joiner({});
  Joiner::Actions actions = joiner.OnTasks({MovingTask(0)}, At(0));
  const uint64_t id = actions.pulls[0].id;
  JoinTask raised = MovingTask(0);
  raised.epoch = 12;
  EXPECT_THAT(joiner.OnTasks({raised}, At(1)).pulls, IsEmpty());

  actions = joiner.OnPage(id, Page("p"), At(2));
  actions = joiner.OnImported(id, Imported(101, "k", false, false), At(3));
  EXPECT_EQ(actions.pulls.at(0).request.epoch, 12u);
}

TEST(JoinerTest, ASourceThatHasNotBoundItsDiskIsNotAsked) {
  JoinTask task = MovingTask(0);
  task.sources[0].incarnation = 0;
  Joiner joiner({});

  EXPECT_THAT(joiner.OnTasks({task}, At(0)).pulls, IsEmpty());
  EXPECT_NE(joiner.last_error(), "");
  EXPECT_NE(joiner.wake_at(), MonotonicTime::Infinite());
}

}  // namespace
}  // namespace quorumcache::replica
