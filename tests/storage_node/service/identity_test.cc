// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/identity.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::node_service {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;

Identity SomeIdentity() {
  return Identity{.cluster_id = "c1",
                  .node_id = "n1",
                  .incarnation = 0xABCDEF0123456789ull,
                  .boot_id = "boot-1",
                  .is_clean = false};
}

StartFacts SomeFacts() {
  return StartFacts{.cluster_id = "c1",
                    .node_id = "n1",
                    .bound_incarnation = SomeIdentity().incarnation,
                    .identity = SomeIdentity(),
                    .has_data = true,
                    .boot_id = "boot-1"};
}

TEST(IdentityTest, SurvivesTheRoundTrip) {
  Identity identity = SomeIdentity();
  EXPECT_THAT(ParseIdentity(FormatIdentity(identity)), IsOkAndHolds(identity));
  identity.is_clean = true;
  EXPECT_THAT(ParseIdentity(FormatIdentity(identity)), IsOkAndHolds(identity));
  identity.is_waiting = true;
  EXPECT_THAT(ParseIdentity(FormatIdentity(identity)), IsOkAndHolds(identity));
}

TEST(IdentityTest, AnyDamageIsNoticed) {
  const std::string text = FormatIdentity(SomeIdentity());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] ^= 1;
    EXPECT_THAT(ParseIdentity(damaged), StatusIs(absl::StatusCode::kDataLoss)) << i;
    EXPECT_THAT(ParseIdentity(text.substr(0, i)), StatusIs(absl::StatusCode::kDataLoss)) << i;
  }
  EXPECT_THAT(ParseIdentity(text + "x"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(IdentityTest, ANewNodeStartsInAnEmptyDirectory) {
  StartFacts facts = SomeFacts();
  facts.identity.reset();
  facts.has_data = false;
  facts.bound_incarnation = 0;

  EXPECT_THAT(CheckStart(facts), IsOk());
}

TEST(IdentityTest, AWipedDirectoryUnderABoundIdentityMustWait) {
  StartFacts facts = SomeFacts();
  facts.identity.reset();
  facts.has_data = false;

  EXPECT_THAT(CheckStart(facts), IsOk());
  EXPECT_TRUE(MustWait(facts));
  EXPECT_FALSE(MustWait(SomeFacts())) << "the directory that the map knows";
}

TEST(IdentityTest, WhatWaitsGoesOnWaitingAfterARestartAndWhatWasReplacedIsRefused) {
  StartFacts facts = SomeFacts();
  facts.bound_incarnation = 1;

  facts.identity->is_waiting = true;
  EXPECT_THAT(CheckStart(facts), IsOk());
  EXPECT_TRUE(MustWait(facts));

  facts.identity->is_waiting = false;
  EXPECT_THAT(CheckStart(facts),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has taken its place")));
}

TEST(IdentityTest, DataWithoutAnIdentityIsRefused) {
  StartFacts facts = SomeFacts();
  facts.identity.reset();
  facts.bound_incarnation = 0;

  EXPECT_THAT(CheckStart(facts), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(IdentityTest, ARestartOnTheSameBootIsFineHoweverItStopped) {
  EXPECT_THAT(CheckStart(SomeFacts()), IsOk());
}

TEST(IdentityTest, ADirectoryThatWasNeverBoundIsBoundAtItsNextStart) {
  StartFacts facts = SomeFacts();
  facts.bound_incarnation = 0;

  EXPECT_THAT(CheckStart(facts), IsOk());
}

TEST(IdentityTest, AnotherClusterNodeOrIncarnationIsRefused) {
  StartFacts cluster = SomeFacts(), node = SomeFacts(), incarnation = SomeFacts();
  cluster.identity->cluster_id = "c2";
  node.identity->node_id = "n2";
  incarnation.bound_incarnation = 5;

  EXPECT_THAT(CheckStart(cluster),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("belongs to cluster c2")));
  EXPECT_THAT(CheckStart(node),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("belongs to node n2")));
  EXPECT_THAT(CheckStart(incarnation),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has taken its place")));
}

TEST(IdentityTest, AMachineThatWentDownUnderARunningNodeMayHaveRolledItBack) {
  StartFacts facts = SomeFacts();
  facts.boot_id = "boot-2";

  EXPECT_THAT(CheckStart(facts),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--accept-rollback")));
  facts.accept_rollback = true;
  EXPECT_THAT(CheckStart(facts), IsOk());
}

TEST(IdentityTest, ARebootAfterACleanStopIsFine) {
  StartFacts facts = SomeFacts();
  facts.boot_id = "boot-2";
  facts.identity->is_clean = true;

  EXPECT_THAT(CheckStart(facts), IsOk());
}

}  // namespace
}  // namespace quorumcache::node_service
