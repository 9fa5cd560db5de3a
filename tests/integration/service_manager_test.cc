// SPDX-License-Identifier: Apache-2.0
// Type=notify, as systemd sees it: READY once a process serves, STOPPING once it was told to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "common/topology/placement.h"
#include "common/topology_file/file_store.h"
#include "tests/integration/playground.h"
#include "tests/support/notify_socket.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;
using ::quorumcache::support::IsOkAndHolds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kPatience = absl::Seconds(30);

class ServiceManagerTest : public testing::Test {
 protected:
  // A cluster of one node that nobody has started yet.
  void SetUp() override {
    topology::NewCluster cluster;
    cluster.cluster_id = "notify";
    cluster.replication_factor = 1;
    cluster.partition_count = 4;
    cluster.nodes.push_back({.id = "n1", .address = "127.0.0.1:1"});
    const auto map = topology::MakeFirstMap(cluster);
    ASSERT_THAT(map, IsOk());
    ASSERT_THAT(topology_file::FileStore(directory_.File("map")).Create(*map), IsOk());
  }

  // As systemd starts it: the socket is in the environment.
  absl::StatusOr<Process> Start(const std::string& program, std::vector<std::string> flags) {
    std::vector<std::string> argv = {"/usr/bin/env",
                                     absl::StrCat("NOTIFY_SOCKET=", directory_.File("notify")),
                                     Binary(program),
                                     "--listen=127.0.0.1:0",
                                     "--http-listen=127.0.0.1:0",
                                     absl::StrCat("--topology=file:", directory_.File("map"))};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return Process::Start(argv);
  }

  support::TempDir directory_;
  support::NotifySocket systemd_{directory_.File("notify")};
};

TEST_F(ServiceManagerTest, StorageNodeIsReadyOnceItServesAndSaysThatItStops) {
  auto node = Start("qc-storage-node", {"--node-id=n1", "--data-dir", directory_.File("n1")});
  ASSERT_THAT(node, IsOk());
  EXPECT_THAT(systemd_.Receive(kPatience),
              AllOf(StartsWith("READY=1\nSTATUS=node n1: gRPC on port "), HasSubstr("HTTP")));

  node->Signal(SIGTERM);

  EXPECT_TRUE(systemd_.ReceiveLine("STOPPING=1", kPatience));
  EXPECT_THAT(node->Wait(kPatience), IsOkAndHolds(0));
}

TEST_F(ServiceManagerTest, CoordinatorIsReadyOnceItServesAndSaysThatItStops) {
  auto coordinator = Start("qc-coordinator", {});
  ASSERT_THAT(coordinator, IsOk());
  EXPECT_THAT(systemd_.Receive(kPatience), StartsWith("READY=1\nSTATUS=serving gRPC on port "));

  coordinator->Signal(SIGTERM);

  EXPECT_TRUE(systemd_.ReceiveLine("STOPPING=1", kPatience));
  EXPECT_THAT(coordinator->Wait(kPatience), IsOkAndHolds(0));
}

TEST_F(ServiceManagerTest, ProcessThatCannotStartIsNeverReady) {
  auto node = Start("qc-storage-node", {"--node-id=n1", "--data-dir=/dev/null/n1"});
  ASSERT_THAT(node, IsOk());

  EXPECT_THAT(node->Wait(kPatience), IsOkAndHolds(1));

  EXPECT_EQ(systemd_.Receive(absl::ZeroDuration()), "");
}

}  // namespace
}  // namespace quorumcache::integration
