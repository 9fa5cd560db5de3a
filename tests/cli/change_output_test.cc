// SPDX-License-Identifier: Apache-2.0
#include "cli/change_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorumcache::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

v1::PlanChangeResponse AddPlan() {
  v1::PlanChangeResponse plan;
  plan.set_epoch(7);
  plan.set_replicas_to_move(192);
  plan.set_bytes_to_move(uint64_t{3} << 20);
  plan.set_bytes_are_known(true);
  v1::NodeShare& old = *plan.add_nodes();
  old.set_id("n1");
  old.set_replicas_before(256);
  old.set_replicas_after(192);
  v1::NodeShare& added = *plan.add_nodes();
  added.set_id("n4");
  added.set_replicas_after(192);
  added.set_replicas_gained(192);
  added.set_is_new(true);
  return plan;
}

v1::Rebalance Halfway() {
  v1::Rebalance rebalance;
  rebalance.set_state(v1::REBALANCE_STATE_RUNNING);
  rebalance.set_description("add n4");
  rebalance.set_replicas_total(200);
  rebalance.set_replicas_done(100);
  rebalance.set_replicas_moving(16);
  rebalance.set_bytes_per_second(2048);
  rebalance.mutable_time_left()->set_seconds(90);
  v1::Transfer& transfer = *rebalance.add_transfers();
  transfer.set_partition(17);
  transfer.set_to("n4");
  return rebalance;
}

TEST(ChangeOutputTest, BytesHaveOneDigitAndAUnit) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1023), "1023 B");
  EXPECT_EQ(BytesText(1536), "1.5 KiB");
  EXPECT_EQ(BytesText(uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(BytesText(UINT64_MAX), "16.0 EiB");
}

TEST(ChangeOutputTest, PlanShowsOwnershipWorkAndHowToCommit) {
  const std::string text =
      FormatPlan(OutputForm::kTable, AddPlan(), "qcctl node add --address h:1 --epoch 7");

  EXPECT_THAT(text, HasSubstr("256     192"));
  EXPECT_THAT(text, HasSubstr("joins"));
  EXPECT_THAT(text, HasSubstr("192 replicas of partitions, about 3.0 MiB"));
  EXPECT_THAT(text, HasSubstr("nothing has been changed"));
  EXPECT_THAT(text, HasSubstr("  qcctl node add --address h:1 --epoch 7\n"));
}

TEST(ChangeOutputTest, PlanSaysWhenBytesAreALowerBound) {
  v1::PlanChangeResponse plan = AddPlan();
  plan.set_bytes_are_known(false);

  EXPECT_THAT(FormatPlan(OutputForm::kTable, plan, ""),
              AllOf(HasSubstr("at least 3.0 MiB"), Not(HasSubstr("to begin"))));
}

TEST(ChangeOutputTest, APlanOfWhatNobodyHasMeasuredSaysSoInsteadOfZero) {
  v1::PlanChangeResponse plan = AddPlan();
  plan.set_bytes_are_known(false);
  plan.set_bytes_to_move(0);

  EXPECT_THAT(FormatPlan(OutputForm::kTable, plan, ""),
              AllOf(HasSubstr("how many bytes is not known"), Not(HasSubstr("0 B"))));
}

TEST(ChangeOutputTest, PlanForScripts) {
  EXPECT_EQ(FormatPlan(OutputForm::kValue, AddPlan(), "x"), "7\n");
  EXPECT_THAT(FormatPlan(OutputForm::kJson, AddPlan(), "x"),
              AllOf(HasSubstr(R"("epoch":7)"), HasSubstr(R"("replicas_after":192)"),
                    HasSubstr(R"("commit":"x")")));
}

TEST(ChangeOutputTest, ProgressIsDoneWhereThereIsNothingToDo) {
  EXPECT_EQ(RebalanceFraction(v1::Rebalance()), 1);
  EXPECT_EQ(RebalanceFraction(Halfway()), 0.5);
}

TEST(ChangeOutputTest, DetailHasSpeedTimeLeftAndTrouble) {
  v1::Rebalance rebalance = Halfway();
  EXPECT_EQ(RebalanceDetail(rebalance), "100 of 200 replicas, 16 moving, 2.0 KiB/s, 1m30s left");

  rebalance.set_problem("n4 does not answer");
  rebalance.clear_time_left();
  EXPECT_THAT(RebalanceDetail(rebalance),
              AllOf(HasSubstr("; n4 does not answer"), Not(HasSubstr("left"))));
}

TEST(ChangeOutputTest, StatusShowsBarThrottleAndTransfers) {
  const std::string text = FormatRebalance(OutputForm::kTable, Halfway());

  EXPECT_THAT(text, HasSubstr("[===============>"));
  EXPECT_THAT(text, HasSubstr(" 50% 100 of 200"));
  EXPECT_THAT(text, HasSubstr("throttle    none"));
  EXPECT_THAT(text, HasSubstr("driver      none yet"));
  EXPECT_THAT(text, HasSubstr("17         others"));
}

TEST(ChangeOutputTest, AnIdleClusterSaysHowTheLastChangeEnded) {
  v1::Rebalance idle;
  idle.set_state(v1::REBALANCE_STATE_IDLE);
  idle.mutable_last_ended()->set_change_epoch(7);
  idle.mutable_last_ended()->set_description("drain n4");

  EXPECT_THAT(FormatRebalance(OutputForm::kTable, idle), HasSubstr("last change drain n4: done"));
  idle.mutable_last_ended()->set_was_aborted(true);
  EXPECT_THAT(FormatRebalance(OutputForm::kTable, idle), HasSubstr("drain n4: aborted\n"));
  EXPECT_THAT(
      FormatRebalance(OutputForm::kJson, idle),
      AllOf(HasSubstr(R"("last_ended":{"change_epoch":7)"), HasSubstr(R"("was_aborted":true)")));
  EXPECT_EQ(FormatRebalance(OutputForm::kValue, idle), "idle\n");
}

TEST(ChangeOutputTest, AnIdleClusterSaysSo) {
  v1::Rebalance idle;
  idle.set_state(v1::REBALANCE_STATE_IDLE);
  idle.set_epoch(9);

  EXPECT_EQ(FormatRebalance(OutputForm::kTable, idle), "state       idle\nepoch       9\n");
  EXPECT_EQ(FormatRebalance(OutputForm::kValue, idle), "idle\n");
  EXPECT_THAT(FormatRebalance(OutputForm::kJson, idle), HasSubstr(R"("state":"idle")"));
}

TEST(ChangeOutputTest, WhatNobodyKnowsYetIsNotShownAsNothing) {
  v1::Rebalance rebalance;
  rebalance.set_state(v1::REBALANCE_STATE_RUNNING);
  rebalance.set_replicas_total(192);

  const std::string begun = FormatRebalance(OutputForm::kTable, rebalance);
  EXPECT_THAT(begun, HasSubstr("moving      0 now\n"));
  EXPECT_THAT(begun, HasSubstr("throttle    not known yet\n"));
  EXPECT_THAT(begun, HasSubstr("driver      none yet\n"));

  rebalance.set_replicas_moving(16);
  rebalance.set_bytes_moved(2048);
  const std::string moving = FormatRebalance(OutputForm::kTable, rebalance);
  EXPECT_THAT(moving, HasSubstr("moving      16 now, 2.0 KiB copied, 0 B/s\n"));
  EXPECT_THAT(moving, HasSubstr("throttle    none\n"));
}

}  // namespace
}  // namespace quorumcache::cli
