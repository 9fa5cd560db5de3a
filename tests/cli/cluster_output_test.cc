// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorumcache::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Three nodes, of which so many are up, and one partition on all of them.
v1::GetClusterMapResponse MapWithNodesUp(int up) {
  v1::GetClusterMapResponse map;
  map.set_cluster_id("test");
  map.set_epoch(4);
  map.set_replication_factor(3);
  v1::Partition& partition = *map.add_partitions();
  for (int i = 0; i < 3; ++i) {
    v1::Node& node = *map.add_nodes();
    node.set_id(std::string("n") + std::to_string(i + 1));
    node.set_address("127.0.0.1:1");
    node.set_health(i < up ? v1::NODE_HEALTH_UP : v1::NODE_HEALTH_DOWN);
    partition.add_slots()->add_nodes(node.id());
  }
  return map;
}

TEST(ClusterOutputTest, PartitionsAreCountedByTheirMajority) {
  EXPECT_EQ(CountRanges(MapWithNodesUp(3)).all_ok, 1u);
  EXPECT_EQ(CountRanges(MapWithNodesUp(2)).quorum, 1u);
  EXPECT_EQ(CountRanges(MapWithNodesUp(1)).lost, 1u);
}

TEST(ClusterOutputTest, VacantSlotsAndHalfMovedOnesDoNotCount) {
  v1::GetClusterMapResponse map = MapWithNodesUp(2);
  map.mutable_partitions(0)->mutable_slots(0)->set_vacant(true);
  EXPECT_EQ(CountRanges(map).lost, 1u);

  map = MapWithNodesUp(2);
  map.mutable_partitions(0)->mutable_slots(0)->add_nodes("n3");
  EXPECT_EQ(CountRanges(map).lost, 1u);
}

TEST(ClusterOutputTest, StatusSaysInAWordHowItIs) {
  EXPECT_EQ(FormatStatus(OutputForm::kValue, MapWithNodesUp(3)), "healthy\n");
  EXPECT_EQ(FormatStatus(OutputForm::kValue, MapWithNodesUp(2)), "degraded\n");
  EXPECT_EQ(FormatStatus(OutputForm::kValue, MapWithNodesUp(0)), "partitions lost\n");
  EXPECT_THAT(FormatStatus(OutputForm::kTable, MapWithNodesUp(2)), HasSubstr("2 of 3 up"));
  EXPECT_THAT(FormatStatus(OutputForm::kJson, MapWithNodesUp(2)),
              AllOf(HasSubstr("\"healthy\":true"),
                    HasSubstr("\"ranges\":{\"all_ok\":0,\"quorum\":1,\"lost\":0}")));
}

TEST(ClusterOutputTest, NodesAreListedWithTheirHealth) {
  EXPECT_EQ(FormatNodes(OutputForm::kValue, MapWithNodesUp(3)), "n1\nn2\nn3\n");
  EXPECT_THAT(FormatNodes(OutputForm::kTable, MapWithNodesUp(2)),
              AllOf(HasSubstr("n2    127.0.0.1:1  -     up"), HasSubstr("down")));
}

TEST(ClusterOutputTest, LocationShowsWhatEachReplicaSays) {
  v1::LocateKeyResponse response;
  response.set_token(0xABC);
  v1::ReplicaView& good = *response.add_replicas();
  good.set_node_id("n1");
  good.set_found(true);
  good.set_etag("1.2.3");
  good.set_value_size_bytes(5);
  v1::ReplicaView& bad = *response.add_replicas();
  bad.set_node_id("n2");
  bad.set_error("no answer");
  v1::ReplicaView& gone = *response.add_replicas();
  gone.set_node_id("n3");
  gone.set_tombstone(true);

  const std::string table = FormatLocation(OutputForm::kTable, "k", response);
  EXPECT_THAT(table, AllOf(HasSubstr("0000000000000abc"), HasSubstr("error: no answer"),
                           HasSubstr("deleted"), HasSubstr("value")));
  EXPECT_EQ(FormatLocation(OutputForm::kValue, "k", response), "n1\nn2\nn3\n");
}

}  // namespace
}  // namespace quorumcache::cli
