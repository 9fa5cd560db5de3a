// SPDX-License-Identifier: Apache-2.0
#include "tests/support/status_matchers.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace quorumcache::support {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Pointee;

TEST(StatusMatchersTest, OkMatchesBothKinds) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
}

TEST(StatusMatchersTest, ErrorIsNotOk) {
  EXPECT_THAT(absl::NotFoundError("gone"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(absl::NotFoundError("gone")), Not(IsOk()));
}

TEST(StatusMatchersTest, HeldValueIsMatched) {
  EXPECT_THAT(absl::StatusOr<std::string>("value"), IsOkAndHolds("value"));
  EXPECT_THAT(absl::StatusOr<std::string>("value"), Not(IsOkAndHolds("other")));
  EXPECT_THAT(absl::StatusOr<int>(absl::InternalError("x")), Not(IsOkAndHolds(1)));
}

TEST(StatusMatchersTest, MoveOnlyValueIsMatched) {
  absl::StatusOr<std::unique_ptr<int>> result = std::make_unique<int>(7);

  EXPECT_THAT(result, IsOkAndHolds(Pointee(7)));
}

TEST(StatusMatchersTest, CodeAndMessageAreBothMatched) {
  const absl::Status status = absl::InvalidArgumentError("key is empty");

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kInvalidArgument, "other")));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_THAT(absl::StatusOr<int>(status), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(StatusMatchersTest, MismatchShowsTheError) {
  testing::StringMatchResultListener listener;

  testing::ExplainMatchResult(IsOk(), absl::NotFoundError("gone"), &listener);

  EXPECT_THAT(listener.str(), HasSubstr("NOT_FOUND: gone"));
}

}  // namespace
}  // namespace quorumcache::support
