// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/error.h"

namespace quorumcache::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

absl::Status FromCluster(absl::StatusCode code, const std::string& reason,
                         client::Outcome outcome) {
  return client::ToStatus({.code = code, .message = "m", .reason = reason, .outcome = outcome});
}

TEST(ExitCodeTest, EveryKindOfFailureHasItsNumber) {
  const auto not_applied = [](absl::StatusCode code, const std::string& reason) {
    return ExitCodeOf(FromCluster(code, reason, client::Outcome::kNotApplied), Effect::kWrites);
  };
  EXPECT_EQ(ExitCodeOf(absl::OkStatus(), Effect::kWrites), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(UsageError("x"), Effect::kWrites), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("k"), Effect::kReads), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("k"), Effect::kWrites), ExitCode::kNotFound);
  EXPECT_EQ(not_applied(absl::StatusCode::kFailedPrecondition, "ETAG_MISMATCH"),
            ExitCode::kConditionNotMet);
  EXPECT_EQ(not_applied(absl::StatusCode::kFailedPrecondition, "NOT_AN_INTEGER"),
            ExitCode::kFailure);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("x"), Effect::kReads), ExitCode::kFailure);
  EXPECT_EQ(not_applied(absl::StatusCode::kUnavailable, "QUORUM_UNREACHABLE"),
            ExitCode::kUnavailable);
  EXPECT_EQ(not_applied(absl::StatusCode::kAborted, "CONTENTION"), ExitCode::kUnavailable);
  EXPECT_EQ(not_applied(absl::StatusCode::kInvalidArgument, "KEY_INVALID"), ExitCode::kFailure);
}

TEST(ExitCodeTest, UnknownOutcomeMattersToWritesOnly) {
  const absl::Status status = FromCluster(absl::StatusCode::kDeadlineExceeded, "OUTCOME_UNKNOWN",
                                          client::Outcome::kUnknown);

  EXPECT_EQ(ExitCodeOf(status, Effect::kWrites), ExitCode::kOutcomeUnknown);
  EXPECT_EQ(ExitCodeOf(status, Effect::kReads), ExitCode::kUnavailable);
  EXPECT_THAT(DescribeError(status, Effect::kWrites), HasSubstr("may have been applied"));
  EXPECT_THAT(DescribeError(status, Effect::kReads), Not(HasSubstr("applied")));
}

TEST(ExitCodeTest, BrokenConnectionDuringAWriteIsUnknown) {
  EXPECT_EQ(ExitCodeOf(FromCluster(absl::StatusCode::kUnavailable, "", client::Outcome::kUnknown),
                       Effect::kWrites),
            ExitCode::kOutcomeUnknown);
}

TEST(ExitCodeTest, DescriptionNamesReasonAndPresentEtag) {
  const absl::Status status = client::ToStatus({.code = absl::StatusCode::kFailedPrecondition,
                                                .message = "changed",
                                                .reason = "ETAG_MISMATCH",
                                                .outcome = client::Outcome::kNotApplied,
                                                .metadata = {{"etag", "1.2.3"}}});

  EXPECT_EQ(DescribeError(status, Effect::kWrites),
            "changed [ETAG_MISMATCH]; the present etag is 1.2.3");
}

}  // namespace
}  // namespace quorumcache::cli
