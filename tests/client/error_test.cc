// SPDX-License-Identifier: Apache-2.0
#include "client/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/decode_error.h"
#include "client/request_id.h"
#include "client/retry.h"
#include "tests/client/fake_cluster.h"

namespace quorumcache::client {
namespace {

Error WithOutcome(absl::StatusCode code, Outcome outcome, const std::string& first = "") {
  Error error{.code = code, .outcome = outcome};
  if (!first.empty()) error.metadata["first"] = first;
  return error;
}

TEST(ErrorTest, DetailsOfAStatusAreDecoded) {
  const Error error = DecodeError(RichError(grpc::StatusCode::FAILED_PRECONDITION, "ETAG_MISMATCH",
                                            "not_applied", {{"etag", "1.2.3"}}));

  EXPECT_EQ(error.code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(error.reason, "ETAG_MISMATCH");
  EXPECT_EQ(error.outcome, Outcome::kNotApplied);
  EXPECT_EQ(error.Metadata("etag"), "1.2.3");
}

TEST(ErrorTest, BareStatusFromTheTransportMeansUnknown) {
  const Error error = DecodeError(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset"));

  EXPECT_EQ(error.reason, "");
  EXPECT_EQ(error.outcome, Outcome::kUnknown);
}

TEST(ErrorTest, GarbageInTheDetailsMeansUnknown) {
  const Error error =
      DecodeError(grpc::Status(grpc::StatusCode::UNAVAILABLE, "m", "\xff\xff garbage"));

  EXPECT_EQ(error.outcome, Outcome::kUnknown);
  EXPECT_EQ(error.message, "m");
}

TEST(ErrorTest, StatusCarriesAllOfTheError) {
  const Error error{.code = absl::StatusCode::kUnavailable,
                    .message = "two of three",
                    .reason = "QUORUM_UNREACHABLE",
                    .outcome = Outcome::kNotApplied,
                    .retry_delay = absl::Milliseconds(1250),
                    .metadata = {{"acked", "1"}, {"required", "2"}}};

  const absl::Status status = ToStatus(error);
  const Error back = ErrorOf(status);

  EXPECT_EQ(status.code(), error.code);
  EXPECT_EQ(status.message(), error.message);
  EXPECT_EQ(back.reason, error.reason);
  EXPECT_EQ(back.outcome, error.outcome);
  EXPECT_EQ(back.retry_delay, error.retry_delay);
  EXPECT_EQ(back.metadata, error.metadata);
}

TEST(ErrorTest, ForeignStatusHasAnUnknownOutcome) {
  EXPECT_EQ(ErrorOf(absl::InternalError("x")).outcome, Outcome::kUnknown);
}

TEST(RetryTest, ReadsAreRepeatedWhereThatCanHelp) {
  for (Outcome outcome : {Outcome::kUnknown, Outcome::kNotApplied}) {
    EXPECT_EQ(Decide(CallKind::kRead, WithOutcome(absl::StatusCode::kUnavailable, outcome), false),
              AfterFailure::kRetry);
    EXPECT_EQ(
        Decide(CallKind::kRead, WithOutcome(absl::StatusCode::kInvalidArgument, outcome), false),
        AfterFailure::kGiveUp);
  }
}

TEST(RetryTest, WriteThatWasNotAppliedIsRepeated) {
  const auto not_applied = [](absl::StatusCode code) {
    return Decide(CallKind::kWrite, WithOutcome(code, Outcome::kNotApplied), false);
  };
  EXPECT_EQ(not_applied(absl::StatusCode::kUnavailable), AfterFailure::kRetry);
  EXPECT_EQ(not_applied(absl::StatusCode::kAborted), AfterFailure::kRetry);
  EXPECT_EQ(not_applied(absl::StatusCode::kResourceExhausted), AfterFailure::kRetry);
  EXPECT_EQ(not_applied(absl::StatusCode::kFailedPrecondition), AfterFailure::kGiveUp);
}

TEST(RetryTest, WriteOfUnknownOutcomeIsRepeatedOnlyWhenItCanBeRecognised) {
  const Error bare = WithOutcome(absl::StatusCode::kUnavailable, Outcome::kUnknown);
  const Error with_first =
      WithOutcome(absl::StatusCode::kDeadlineExceeded, Outcome::kUnknown, "1.5.7");

  EXPECT_EQ(Decide(CallKind::kWrite, bare, true), AfterFailure::kGiveUp);
  EXPECT_EQ(Decide(CallKind::kWrite, bare, false), AfterFailure::kGiveUp);
  EXPECT_EQ(Decide(CallKind::kWrite, with_first, false), AfterFailure::kGiveUp);
  EXPECT_EQ(Decide(CallKind::kWrite, with_first, true), AfterFailure::kRetryWithFirst);
}

TEST(RetryTest, DelayGrowsIsJitteredAndFollowsTheServer) {
  Error error{.code = absl::StatusCode::kUnavailable};
  EXPECT_EQ(RetryDelay(error, 1, 0), absl::Milliseconds(5));
  EXPECT_EQ(RetryDelay(error, 3, 0), absl::Milliseconds(20));
  EXPECT_LE(RetryDelay(error, 100, 0.999), absl::Milliseconds(640));
  error.retry_delay = absl::Seconds(2);
  EXPECT_EQ(RetryDelay(error, 1, 0), absl::Seconds(1));
}

TEST(RequestIdTest, IsARandomUuid) {
  const std::string id = NewRequestId();

  EXPECT_THAT(id, testing::MatchesRegex(
                      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(NewRequestId(), id);
}

}  // namespace
}  // namespace quorumcache::client
