// SPDX-License-Identifier: Apache-2.0
#include "common/base/status_macros.h"

#include <memory>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::base {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;

absl::Status ReturnIfError(absl::Status status, bool* reached_the_end) {
  QC_RETURN_IF_ERROR(status);
  *reached_the_end = true;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, ReturnIfErrorGoesOnWhenOk) {
  bool reached_the_end = false;

  EXPECT_THAT(ReturnIfError(absl::OkStatus(), &reached_the_end), IsOk());

  EXPECT_TRUE(reached_the_end);
}

TEST(StatusMacrosTest, ReturnIfErrorStopsWithTheSameError) {
  bool reached_the_end = false;

  EXPECT_THAT(ReturnIfError(absl::NotFoundError("gone"), &reached_the_end),
              StatusIs(absl::StatusCode::kNotFound, "gone"));

  EXPECT_FALSE(reached_the_end);
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  QC_ASSIGN_OR_RETURN(const int left, std::move(a));
  QC_ASSIGN_OR_RETURN(const int right, std::move(b));
  return left + right;
}

TEST(StatusMacrosTest, AssignOrReturnUnwrapsTwiceInOneFunction) {
  EXPECT_THAT(Sum(1, 2), IsOkAndHolds(3));
}

TEST(StatusMacrosTest, AssignOrReturnStopsAtTheFirstError) {
  EXPECT_THAT(Sum(absl::NotFoundError("first"), absl::InternalError("second")),
              StatusIs(absl::StatusCode::kNotFound, "first"));
}

absl::StatusOr<int> UnwrapPointer(absl::StatusOr<std::unique_ptr<int>> result) {
  std::unique_ptr<int> pointer;
  QC_ASSIGN_OR_RETURN(pointer, std::move(result));
  return *pointer;
}

TEST(StatusMacrosTest, AssignOrReturnMovesIntoAVariableThatExists) {
  EXPECT_THAT(UnwrapPointer(std::make_unique<int>(7)), IsOkAndHolds(7));
}

}  // namespace
}  // namespace quorumcache::base
