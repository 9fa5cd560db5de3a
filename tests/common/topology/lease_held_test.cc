// SPDX-License-Identifier: Apache-2.0
#include "common/topology/lease_held.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorumcache::topology {
namespace {

TEST(LeaseHeldTest, TheHolderCanBeReadAgain) {
  for (const char* holder : {"c1", "coordinator 7 of zone b", "a now (b", "10.0.0.1:7401"}) {
    const absl::Status status = LeaseHeldError(holder, "etcd key x/lease");
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("driven by"));
    EXPECT_EQ(HolderIn(status), holder);
  }
}

TEST(LeaseHeldTest, OtherErrorsNameNobody) {
  EXPECT_EQ(HolderIn(absl::OkStatus()), "");
  EXPECT_EQ(HolderIn(absl::FailedPreconditionError("locked")), "");
  EXPECT_EQ(HolderIn(absl::UnavailableError("topology changes are driven by c1 now (x)")), "");
}

}  // namespace
}  // namespace quorumcache::topology
