// SPDX-License-Identifier: Apache-2.0
#include "gmock/gmock.h"
#include "tests/coordinator/gateway/gateway_fixture.h"

namespace quorumcache::gateway {
namespace {

class ClusterRoutesTest : public GatewayFixture {};

TEST_F(ClusterRoutesTest, ClusterSaysWhoHoldsWhat) {
  const boost::json::object cluster = JsonOf(Get("/v1/cluster"));

  EXPECT_EQ(cluster.at("cluster_id"), "c-1");
  EXPECT_EQ(cluster.at("epoch"), 12);
  EXPECT_EQ(cluster.at("replication_factor"), 3);
  EXPECT_EQ(cluster.at("partitions").at(0).at("slots").at(0).at("nodes").at(0), "n1");
  EXPECT_EQ(cluster.at("namespaces").at(0).at("default_consistency"), "quorum");
}

TEST_F(ClusterRoutesTest, NodesComeWithTheirHealthAndExactIncarnation) {
  const boost::json::object nodes = JsonOf(Get("/v1/cluster/nodes"));

  const boost::json::value& node = nodes.at("nodes").at(0);
  EXPECT_EQ(node.at("id"), "n1");
  EXPECT_EQ(node.at("health"), "up");
  EXPECT_EQ(node.at("incarnation"), "ffffffffffffffff");
  EXPECT_EQ(node.at("partition_count"), 256);
}

TEST_F(ClusterRoutesTest, LocateSaysWhatEachReplicaSays) {
  const boost::json::object location = JsonOf(Get("/v1/cluster/locate?key=user%3A1"));

  EXPECT_EQ(location.at("key"), "user:1");
  EXPECT_EQ(location.at("token"), "fedcba9876543210");
  EXPECT_EQ(location.at("partition"), 254);
  const boost::json::array& replicas = location.at("replicas").as_array();
  EXPECT_EQ(replicas[0].at("found"), true);
  EXPECT_EQ(replicas[0].at("etag"), "1.2.3");
  EXPECT_EQ(replicas[0].at("value_size_bytes"), 6);
  EXPECT_EQ(replicas[1].at("error"), "connection refused");
  EXPECT_FALSE(replicas[1].as_object().contains("found"));
}

TEST_F(ClusterRoutesTest, LocateNeedsAKey) {
  EXPECT_EQ(CodeOf(Get("/v1/cluster/locate")), "KEY_INVALID");
  EXPECT_EQ(CodeOf(Get("/v1/cluster/locate?kye=k")), "PARAMETER_UNKNOWN");
}

TEST_F(ClusterRoutesTest, LocateOfAnUnknownNamespaceIsNotFound) {
  service::CacheError error;
  error.code = absl::StatusCode::kNotFound;
  error.reason = "NAMESPACE_NOT_FOUND";
  backend_.FailWith(error);

  const http::RawResponse missing = Get("/v1/cluster/locate?key=k&namespace=nope");

  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(CodeOf(missing), "NAMESPACE_NOT_FOUND");
}

}  // namespace
}  // namespace quorumcache::gateway
