// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_options.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::node_service {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

NodeOptions Required() {
  NodeOptions options;
  options.node_id = "n1";
  options.data_dir = "data";
  options.store.topology = "file:topology";
  return options;
}

TEST(NodeOptionsTest, DefaultsNeedAnIdADirectoryAndATopology) {
  EXPECT_THAT(ValidateNodeOptions(Required()), IsOk());
  for (std::string NodeOptions::*required : {&NodeOptions::node_id, &NodeOptions::data_dir}) {
    NodeOptions options = Required();
    (options.*required).clear();
    EXPECT_THAT(ValidateNodeOptions(options), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  NodeOptions without_topology = Required();
  without_topology.store.topology.clear();
  EXPECT_THAT(ValidateNodeOptions(without_topology), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NodeOptionsTest, AMalformedIdIsRefusedByTheNameOfTheOption) {
  for (const char* id : {"-n1", "n 1", "n/1"}) {
    NodeOptions options = Required();
    options.node_id = id;
    EXPECT_THAT(ValidateNodeOptions(options),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("--node-id: ")))
        << id;
  }
}

TEST(NodeOptionsTest, TopologyOfAnotherKindIsRefused) {
  NodeOptions options = Required();
  options.store.topology = "zookeeper:somewhere";

  EXPECT_THAT(ValidateNodeOptions(options), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NodeOptionsTest, AddressThatOthersReachNeedsInsecure) {
  NodeOptions options = Required();
  options.listen = "0.0.0.0:7400";
  EXPECT_FALSE(ValidateNodeOptions(options).ok());

  options.insecure = true;
  EXPECT_THAT(ValidateNodeOptions(options), IsOk());
}

TEST(NodeOptionsTest, GraceBelowSkewAndLongestDeadlineIsRefusedWithTheBound) {
  NodeOptions options = Required();
  options.garbage_grace = absl::Seconds(60);

  const absl::Status status = ValidateNodeOptions(options);

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("must be above 1m0.5s"));
  options.garbage_grace = absl::Seconds(61);
  EXPECT_THAT(ValidateNodeOptions(options), IsOk());
  options.clock_skew_max = absl::Seconds(2);
  EXPECT_FALSE(ValidateNodeOptions(options).ok());
}

TEST(NodeOptionsTest, ShortGraceIsAllowedWhereItIsAskedForByName) {
  NodeOptions options = Required();
  options.garbage_grace = absl::Milliseconds(50);
  options.allow_short_garbage_grace = true;

  EXPECT_THAT(ValidateNodeOptions(options), IsOk());
}

TEST(NodeOptionsTest, EveryOptionSaysWhatItIsFor) {
  NodeOptions target;
  runtime::Options options;
  AddNodeOptions(&target, &options);

  EXPECT_NE(options.Find("garbage-grace"), nullptr);
  EXPECT_NE(options.Find("garbage-interval"), nullptr);
  EXPECT_NE(options.Find("garbage-rate"), nullptr);
  for (const runtime::Option& option : options.all()) EXPECT_FALSE(option.text.help.empty());
}

}  // namespace
}  // namespace quorumcache::node_service
