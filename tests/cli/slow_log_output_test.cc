// SPDX-License-Identifier: Apache-2.0
#include "cli/slow_log_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorumcache::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A log whose operations ended at these seconds; their tokens are the same numbers.
v1::ReadSlowLogResponse LogOf(const std::string& name, const std::vector<int>& seconds) {
  v1::ReadSlowLogResponse log;
  log.set_coordinator(name);
  log.set_total(seconds.size() + 10);
  log.mutable_threshold()->set_nanos(100'000'000);
  for (const int second : seconds) {
    v1::SlowOperation& slow = *log.add_operations();
    slow.mutable_end_time()->set_seconds(second);
    slow.mutable_duration()->set_seconds(1);
    slow.mutable_duration()->set_nanos(500'000'000);
    slow.set_operation("set");
    slow.set_namespace_("default");
    slow.set_key("user:123...(34 bytes)");
    slow.set_token(static_cast<uint64_t>(second));
    slow.set_consistency(v1::CONSISTENCY_QUORUM);
    slow.set_rounds(2);
    slow.set_attempts(1);
    slow.set_outcome("ok");
  }
  return log;
}

TEST(SlowLogOutputTest, LogsOfSeveralCoordinatorsAreOneListNewestFirst) {
  const std::vector<v1::ReadSlowLogResponse> logs = {LogOf("c1", {4, 1}), LogOf("c2", {3, 2})};

  EXPECT_EQ(FormatSlowLogs(OutputForm::kValue, logs, 0),
            "0000000000000004\n0000000000000003\n0000000000000002\n0000000000000001\n");
}

TEST(SlowLogOutputTest, LimitHoldsForTheWholeList) {
  const std::vector<v1::ReadSlowLogResponse> logs = {LogOf("c1", {4, 1}), LogOf("c2", {3, 2})};

  EXPECT_EQ(FormatSlowLogs(OutputForm::kValue, logs, 2), "0000000000000004\n0000000000000003\n");
}

TEST(SlowLogOutputTest, TableSaysWhatWasWaitedForAndHowItEnded) {
  v1::ReadSlowLogResponse log = LogOf("c1", {5});
  v1::SlowOperation& slow = *log.mutable_operations(0);
  slow.set_reason("OUTCOME_UNKNOWN");
  slow.set_outcome("unknown");
  slow.add_awaited_nodes("n1");
  slow.add_awaited_nodes("n3");
  slow.set_peer("ipv4:127.0.0.1:9");

  EXPECT_THAT(FormatSlowLogs(OutputForm::kTable, {log}, 0),
              AllOf(HasSubstr("1970-01-01T00:00:05.000Z  c1"), HasSubstr("1500.0 ms"),
                    HasSubstr("quorum"), HasSubstr("OUTCOME_UNKNOWN unknown"), HasSubstr("n1 n3"),
                    HasSubstr("ipv4:127.0.0.1:9"), HasSubstr("user:123...(34 bytes)")));
}

TEST(SlowLogOutputTest, JsonHasTheTotalsOfEachCoordinator) {
  v1::ReadSlowLogResponse off;
  off.set_coordinator("c2");

  const std::string text = FormatSlowLogs(OutputForm::kJson, {LogOf("c1", {5}), off}, 0);

  EXPECT_THAT(text,
              HasSubstr("{\"coordinators\":["
                        "{\"coordinator\":\"c1\",\"total\":11,\"threshold_seconds\":0.100000},"
                        "{\"coordinator\":\"c2\",\"total\":0}]"));
  EXPECT_THAT(text, AllOf(HasSubstr("\"duration_seconds\":1.500000"),
                          HasSubstr("\"consistency\":\"quorum\""), HasSubstr("\"rounds\":2"),
                          Not(HasSubstr("\"code\""))));
}

TEST(SlowLogOutputTest, WhatOthersWroteCannotControlTheTerminal) {
  v1::ReadSlowLogResponse log = LogOf("c1", {5});
  log.mutable_operations(0)->set_request_id("\x1b[2J");

  EXPECT_THAT(FormatSlowLogs(OutputForm::kTable, {log}, 0), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace quorumcache::cli
