// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/error.h"

#include "gtest/gtest.h"

namespace quorumcache::engine {
namespace {

TEST(ErrorTest, EveryCauseSurvivesTheRoundTripWithItsMessage) {
  for (const Cause cause : {Cause::kDiskFull, Cause::kReadOnly, Cause::kCorrupt, Cause::kIo,
                            Cause::kLocked, Cause::kInvalid}) {
    const absl::Status status = MakeError(cause, "what happened");

    EXPECT_FALSE(status.ok());
    EXPECT_EQ(CauseOf(status), cause);
    EXPECT_EQ(status.message(), "what happened");
  }
}

TEST(ErrorTest, OkHasNoCause) {
  EXPECT_EQ(CauseOf(absl::OkStatus()), Cause::kNone);
}

TEST(ErrorTest, ForeignErrorCountsAsTheMostCautiousCause) {
  EXPECT_EQ(CauseOf(absl::CancelledError("?")), Cause::kIo);
  EXPECT_EQ(CauseOf(absl::UnknownError("?")), Cause::kIo);
}

TEST(ErrorDeathTest, AnErrorWithoutCauseIsABug) {
  EXPECT_DEATH(MakeError(Cause::kNone, "nothing").IgnoreError(), "kNone");
}

}  // namespace
}  // namespace quorumcache::engine
