// SPDX-License-Identifier: Apache-2.0
#include "cli/change_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::cli {
namespace {

using testing::HasSubstr;

TEST(ChangeOptionsTest, FlagsBecomeOneChange) {
  const ChangeFlags flags{.add = {"h:1@b", "h:2"},
                          .drain = {"n1"},
                          .remove = {"n2"},
                          .replace = {"n3=h:3"},
                          .weights = {"n4=200"},
                          .zones = {"n5=c"}};

  const absl::StatusOr<v1::Change> change = flags.Parse();

  ASSERT_THAT(change, support::IsOk());
  EXPECT_EQ(change->add(0).address(), "h:1");
  EXPECT_EQ(change->add(0).zone(), "b");
  EXPECT_EQ(change->add(1).address(), "h:2");
  EXPECT_EQ(change->add(1).zone(), "");
  EXPECT_EQ(change->drain(0), "n1");
  EXPECT_EQ(change->remove(0), "n2");
  EXPECT_EQ(change->replace(0).dead_id(), "n3");
  EXPECT_EQ(change->replace(0).with().address(), "h:3");
  EXPECT_EQ(change->set_weight(0).weight(), 200u);
  EXPECT_EQ(change->set_zone(0).zone(), "c");
}

TEST(ChangeOptionsTest, TheSameFlagsComeOutAgain) {
  const ChangeFlags flags{.add = {"h:1@b"}, .drain = {"n1", "n2"}, .weights = {"n4=200"}};

  EXPECT_EQ(flags.Text(), " --add h:1@b --drain n1 --drain n2 --set-weight n4=200");
}

TEST(ChangeOptionsTest, MalformedFlagsAreUsageErrorsThatNameThem) {
  for (const char* text : {"n3", "=h:3", "n3="}) {
    const absl::Status status = ChangeFlags{.replace = {text}}.Parse().status();
    EXPECT_TRUE(IsUsageError(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--replace")) << text;
  }
  for (const char* text : {"n3", "=b"}) {
    EXPECT_TRUE(IsUsageError(ChangeFlags{.zones = {text}}.Parse().status())) << text;
  }
  for (const char* text : {"n3=heavy", "n3=-1", "n3=10001"}) {
    const absl::Status status = ChangeFlags{.weights = {text}}.Parse().status();
    EXPECT_TRUE(IsUsageError(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("1 to 10000")) << text;
  }
}

TEST(ChangeOptionsTest, NoFlagAtAllIsAUsageErrorThatNamesThem) {
  const absl::Status status = ChangeFlags{}.Parse().status();

  EXPECT_TRUE(IsUsageError(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--set-zone"));
}

TEST(ChangeOptionsTest, WeightZeroPointsAtDrain) {
  const absl::Status status = ChangeFlags{.weights = {"n3=0"}}.Parse().status();

  EXPECT_TRUE(IsUsageError(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--drain n3"));
}

TEST(ChangeOptionsTest, AnEmptyZoneTakesTheZoneAway) {
  const ChangeFlags flags{.zones = {"n5="}};

  const absl::StatusOr<v1::Change> change = flags.Parse();

  ASSERT_THAT(change, support::IsOk());
  EXPECT_EQ(change->set_zone(0).node_id(), "n5");
  EXPECT_EQ(change->set_zone(0).zone(), "");
  EXPECT_EQ(flags.Text(), " --set-zone n5=");
}

TEST(ChangeOptionsTest, NodeFlagsLeaveOutWhatWasNotSaid) {
  const NodeFlags bare{.address = "h:1"};
  const NodeFlags full{.address = "h:1", .zone = "b", .id = "n4", .weight = 50};

  EXPECT_EQ(bare.Text("with"), " --with h:1");
  EXPECT_EQ(full.Text("address"), " --address h:1 --zone b --id n4 --weight 50");
  v1::AddNode node;
  full.Fill(node);
  EXPECT_EQ(node.weight(), 50u);
  EXPECT_EQ(node.zone(), "b");
}

}  // namespace
}  // namespace quorumcache::cli
