// SPDX-License-Identifier: Apache-2.0
// GoogleMock matchers for absl::Status and absl::StatusOr; this Abseil brings none.
//
//   EXPECT_THAT(store.Open(), IsOk());
//   EXPECT_THAT(store.Read("a"), IsOkAndHolds("value"));
//   EXPECT_THAT(store.Read(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace quorumcache::support {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// A Status or a StatusOr that is OK; a failure shows the error.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status& status = StatusOf(arg);
  if (!status.ok()) *result_listener << "which is " << status.ToString();
  return status.ok();
}

// A StatusOr that is OK and whose value matches `value_matcher` (a matcher or a plain value).
MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds what was asked for") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  return testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

// A Status or a StatusOr with this code and a message that matches `message_matcher`.
MATCHER_P2(StatusIs, code, message_matcher,
           std::string("has the code ") + absl::StatusCodeToString(code) + " and a message that " +
               testing::DescribeMatcher<std::string>(message_matcher, negation)) {
  const absl::Status& status = StatusOf(arg);
  if (status.code() != code) {
    *result_listener << "which is " << status.ToString();
    return false;
  }
  return testing::ExplainMatchResult(message_matcher, std::string(status.message()),
                                     result_listener);
}

inline auto StatusIs(absl::StatusCode code) {
  return StatusIs(code, testing::_);
}

}  // namespace quorumcache::support
