// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/playground_map.h"
#include "cli/playground_output.h"
#include "common/topology_file/file_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using runtime::PortPicker;
using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;

PortPicker AllFree() {
  return PortPicker(1, [](uint16_t) { return true; });
}

std::set<std::string> Addresses(const PlaygroundLayout& layout) {
  std::set<std::string> addresses;
  for (const auto* members : {&layout.coordinators, &layout.storage_nodes}) {
    for (const PlaygroundMember& member : *members) {
      addresses.insert(member.grpc);
      addresses.insert(member.http);
    }
  }
  return addresses;
}

TEST(PlaygroundLayoutTest, FirstClusterOfAMachineGetsTheUsualPorts) {
  PortPicker ports = AllFree();
  PlaygroundLayout layout;

  ASSERT_THAT(CompleteLayout({}, ports, layout), IsOk());

  ASSERT_EQ(layout.coordinators.size(), 2u);
  ASSERT_EQ(layout.storage_nodes.size(), 3u);
  EXPECT_EQ(layout.coordinators[0].name, "c1");
  EXPECT_EQ(layout.coordinators[0].grpc, "127.0.0.1:7401");
  EXPECT_EQ(layout.coordinators[0].http, "127.0.0.1:7480");
  EXPECT_EQ(layout.storage_nodes[2].name, "n3");
  EXPECT_EQ(Addresses(layout).size(), 10u);
}

TEST(PlaygroundLayoutTest, SecondClusterGetsDistinctPortsBelowTheEphemeralRange) {
  PortPicker ports = AllFree();
  PlaygroundLayout layout;

  ASSERT_THAT(
      CompleteLayout({.coordinator_count = 50, .storage_node_count = 50, .usual_ports = false},
                     ports, layout),
      IsOk());

  EXPECT_EQ(Addresses(layout).size(), 200u);
  for (const std::string& address : Addresses(layout)) {
    const int port = std::stoi(address.substr(address.find(':') + 1));
    EXPECT_TRUE(port >= 10000 && port < 32768) << address;
  }
}

TEST(PlaygroundLayoutTest, TakenUsualPortIsReplaced) {
  PortPicker ports(1, [](uint16_t port) { return port != 7401; });
  PlaygroundLayout layout;

  ASSERT_THAT(CompleteLayout({}, ports, layout), IsOk());

  EXPECT_NE(layout.coordinators[0].grpc, "127.0.0.1:7401");
  EXPECT_EQ(layout.coordinators[1].grpc, "127.0.0.1:7402");
}

TEST(PlaygroundLayoutTest, BasePortIsCountedUp) {
  PortPicker ports = AllFree();
  PlaygroundLayout layout;

  ASSERT_THAT(CompleteLayout({.coordinator_count = 1, .storage_node_count = 1, .base_port = 9000},
                             ports, layout),
              IsOk());

  EXPECT_EQ(FormatLayout(layout),
            "c1 127.0.0.1:9000 127.0.0.1:9001\nn1 127.0.0.1:9002 127.0.0.1:9003\n");
  layout = {};
  EXPECT_THAT(CompleteLayout({.base_port = 65530}, ports, layout),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(PlaygroundLayoutTest, IsRememberedAndMayChangeItsCoordinators) {
  PortPicker ports = AllFree();
  PlaygroundLayout layout;
  ASSERT_THAT(CompleteLayout({}, ports, layout), IsOk());
  const absl::StatusOr<PlaygroundLayout> read = ParseLayout(FormatLayout(layout));
  ASSERT_THAT(read, IsOkAndHolds(layout));

  PlaygroundLayout changed = *read;
  ASSERT_THAT(CompleteLayout({.coordinator_count = 3}, ports, changed), IsOk());
  EXPECT_EQ(changed.storage_nodes, layout.storage_nodes);
  EXPECT_EQ(changed.coordinators[1], layout.coordinators[1]);
  EXPECT_EQ(Addresses(changed).size(), 12u);
  ASSERT_THAT(CompleteLayout({.coordinator_count = 1}, ports, changed), IsOk());
  EXPECT_EQ(changed.coordinators.size(), 1u);
}

TEST(PlaygroundLayoutTest, StorageNodesMayNotChange) {
  PortPicker ports = AllFree();
  PlaygroundLayout layout;
  ASSERT_THAT(CompleteLayout({}, ports, layout), IsOk());

  EXPECT_THAT(CompleteLayout({.storage_node_count = 5}, ports, layout),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("3 storage nodes")));
}

TEST(PlaygroundLayoutTest, TakenRememberedPortNamesTheMember) {
  PlaygroundLayout layout;
  layout.storage_nodes = {{"n1", "127.0.0.1:9002", "127.0.0.1:9003"}};
  PortPicker ports(1, [](uint16_t port) { return port != 9003; });

  EXPECT_THAT(CheckPortsAreFree(layout, ports),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("n1 should listen on "
                                                                 "127.0.0.1:9003")));
}

TEST(PlaygroundLayoutTest, DamagedMemoryIsRefused) {
  for (const char* bad : {"c1 127.0.0.1:1", "x1 127.0.0.1:1 127.0.0.1:2", "n1 a b", "c1  1"}) {
    EXPECT_THAT(ParseLayout(bad), StatusIs(absl::StatusCode::kDataLoss)) << bad;
  }
}

class PlaygroundMapTest : public testing::Test {
 protected:
  support::TempDir directory_;
  const std::string path_ = directory_.File("topology");
  topology_file::FileStore store_{path_};
  MapRequest request_{.storage_nodes = {{"n1", "127.0.0.1:1", ""},
                                        {"n2", "127.0.0.1:2", ""},
                                        {"n3", "127.0.0.1:3", ""}},
                      .zones = 3,
                      .partitions = 16,
                      .namespaces = {"sessions"}};
};

TEST_F(PlaygroundMapTest, IsMadeOnceAndThenFound) {
  ASSERT_THAT(EnsureMap(path_, request_), IsOk());
  const auto first = store_.Read();
  ASSERT_THAT(EnsureMap(path_, request_), IsOk());

  ASSERT_THAT(store_.Read(), IsOk());
  EXPECT_EQ(*store_.Read(), *first);
  EXPECT_EQ(first->nodes[2].zone, "z3");
  EXPECT_NE(first->FindNamespace("sessions"), nullptr);
  EXPECT_NE(first->FindNamespace("default"), nullptr);
}

TEST_F(PlaygroundMapTest, NamespacesCanBeAddedLater) {
  ASSERT_THAT(EnsureMap(path_, request_), IsOk());
  request_.namespaces = {"sessions", "pages"};

  ASSERT_THAT(EnsureMap(path_, request_), IsOk());

  EXPECT_NE(store_.Read()->FindNamespace("pages"), nullptr);
  EXPECT_EQ(store_.Read()->epoch, 2u);
}

TEST_F(PlaygroundMapTest, MapOfOtherNodesIsRefused) {
  ASSERT_THAT(EnsureMap(path_, request_), IsOk());
  request_.storage_nodes[0].grpc = "127.0.0.1:99";

  EXPECT_THAT(EnsureMap(path_, request_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PlaygroundMapTest, NamesWhatIsAdvertisedInsteadOfWhereANodeListens) {
  const auto advertised = Advertised(request_.storage_nodes, {"n2=proxy.example:7400"});
  ASSERT_THAT(advertised, IsOk());
  request_.storage_nodes = *advertised;

  ASSERT_THAT(EnsureMap(path_, request_), IsOk());

  EXPECT_EQ(store_.Read()->nodes[0].address, "127.0.0.1:1");
  EXPECT_EQ(store_.Read()->nodes[1].address, "proxy.example:7400");
}

TEST_F(PlaygroundMapTest, AdvertisedAddressesOfNobodyOrNowhereAreRefused) {
  for (const char* entry : {"n4=127.0.0.1:9", "n1", "n1=", "n1=host", "n1=:9", "n1=host:0",
                            "n1=host:65536", "=host:9", "n1=host:nine"}) {
    EXPECT_THAT(Advertised(request_.storage_nodes, {entry}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(entry)));
  }
}

TEST(PlaygroundOutputTest, JsonIsTheLineThatScriptsRead) {
  const std::vector<RunningMember> members = {
      {.member = {"n1", "127.0.0.1:1", "127.0.0.1:2"}, .data_dir = "d/n1", .pid = 7},
      {.member = {"c1", "127.0.0.1:3", "127.0.0.1:4"}, .is_coordinator = true, .pid = 8}};

  EXPECT_EQ(PlaygroundJson(members),
            "{\"coordinators\":[{\"grpc\":\"127.0.0.1:3\",\"http\":\"127.0.0.1:4\",\"pid\":8}],"
            "\"storage_nodes\":[{\"id\":\"n1\",\"grpc\":\"127.0.0.1:1\",\"http\":\"127.0.0.1:2\","
            "\"pid\":7,\"data_dir\":\"d/n1\"}]}\n");
  EXPECT_THAT(PlaygroundText(members, "d", "bin/qcctl"),
              HasSubstr("curl -X PUT --data-binary hello 'http://127.0.0.1:4/v1/keys/greeting"));
}

}  // namespace
}  // namespace quorumcache::cli
