// SPDX-License-Identifier: Apache-2.0
// The directory and the map get to know each other: DataDirectory and TakeIdentity together.
#include "storage_node/service/incarnation.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/service/data_directory.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::node_service {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using topology::MemoryStore;
using topology::SmallMap;

class IncarnationTest : public testing::Test {
 protected:
  std::unique_ptr<DataDirectory> OpenDirectory(absl::string_view name = "node") {
    return DataDirectory::Open(dir_.File(name)).value();
  }
  // Opens, takes the identity, closes: one start and a kill.
  absl::StatusOr<Identity> StartOnce(absl::string_view node_id = "n1",
                                     absl::string_view name = "node") {
    const auto directory = OpenDirectory(name);
    return TakeIdentity(store_, *directory, node_id, /*accept_rollback=*/false);
  }

  support::TempDir dir_;
  MemoryStore store_{SmallMap()};
};

TEST_F(IncarnationTest, TheFirstStartBindsTheDirectory) {
  const absl::StatusOr<Identity> identity = StartOnce();

  ASSERT_THAT(identity, IsOk());
  EXPECT_NE(identity->incarnation, 0u);
  EXPECT_EQ(store_.Read()->nodes[0].incarnation, identity->incarnation);
  EXPECT_EQ(store_.Read()->epoch, 2u);
}

TEST_F(IncarnationTest, LaterStartsKeepTheIncarnationAndTheMap) {
  const absl::StatusOr<Identity> first = StartOnce();
  const absl::StatusOr<Identity> second = StartOnce();

  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->incarnation, first->incarnation);
  EXPECT_EQ(store_.Read()->epoch, 2u);
}

TEST_F(IncarnationTest, ADirectoryThatDiedBeforeItWasBoundIsBoundLater) {
  Identity identity;
  {
    const auto directory = OpenDirectory();
    identity = Identity{
        .cluster_id = "c1", .node_id = "n1", .incarnation = 77, .boot_id = ReadBootId().value()};
    ASSERT_THAT(directory->Store(identity), IsOk());
  }

  ASSERT_THAT(StartOnce(), IsOk());
  EXPECT_EQ(store_.Read()->nodes[0].incarnation, 77u);
}

TEST_F(IncarnationTest, NodesThatStartTogetherAllGetBound) {
  store_.BeforeNextSet([this] {
    topology::ClusterMap map = store_.Read().value();
    map.nodes[1].incarnation = 22;
    ++map.epoch;
    store_.Publish(map);
  });

  const absl::StatusOr<Identity> identity = StartOnce();

  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(store_.Read()->nodes[0].incarnation, identity->incarnation);
  EXPECT_EQ(store_.Read()->nodes[1].incarnation, 22u);
}

TEST_F(IncarnationTest, OfTwoDirectoriesForOneNodeTheSlowerOneIsRefused) {
  store_.BeforeNextSet([this] {
    topology::ClusterMap map = store_.Read().value();
    map.nodes[0].incarnation = 11;
    ++map.epoch;
    store_.Publish(map);
  });

  EXPECT_THAT(StartOnce(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(store_.Read()->nodes[0].incarnation, 11u);
}

TEST_F(IncarnationTest, AWipedDirectoryWaitsAsSomebodyElseUntilItIsBound) {
  const absl::StatusOr<Identity> first = StartOnce();
  ASSERT_THAT(first, IsOk());
  std::filesystem::remove_all(dir_.File("node"));

  const absl::StatusOr<Identity> second = StartOnce();
  const absl::StatusOr<Identity> third = StartOnce();

  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(third, IsOk());
  EXPECT_TRUE(third->is_waiting);
  EXPECT_EQ(std::set({first->incarnation, second->incarnation, third->incarnation}).size(), 3u)
      << "never under an incarnation that may have taken part";
  EXPECT_EQ(store_.Read()->nodes[0].incarnation, first->incarnation) << "the map is left alone";

  topology::ClusterMap map = store_.Read().value();
  map.nodes[0].incarnation = third->incarnation;
  ++map.epoch;
  store_.Publish(map);
  const absl::StatusOr<Identity> bound = StartOnce();
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->incarnation, third->incarnation);
  EXPECT_FALSE(bound->is_waiting);
}

TEST_F(IncarnationTest, ANodeThatIsInNoMapGetsAnIdentityAndLeavesTheMapAlone) {
  const uint64_t epoch = store_.Read()->epoch;

  const absl::StatusOr<Identity> first = StartOnce("n9");
  const absl::StatusOr<Identity> second = StartOnce("n9");

  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->incarnation, 0u);
  EXPECT_EQ(second->incarnation, first->incarnation);
  EXPECT_EQ(store_.Read()->epoch, epoch);
}

TEST_F(IncarnationTest, ADirectoryHasOneProcess) {
  const auto directory = OpenDirectory();

  EXPECT_THAT(DataDirectory::Open(dir_.File("node")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
}

TEST_F(IncarnationTest, ADamagedIdentityIsNotReplacedByANewOne) {
  ASSERT_THAT(StartOnce(), IsOk());
  std::ofstream(dir_.File("node/identity"), std::ios::app) << "x";

  EXPECT_THAT(DataDirectory::Open(dir_.File("node")), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(IncarnationTest, AStopMarkedCleanIsRemembered) {
  absl::StatusOr<Identity> identity = StartOnce();
  ASSERT_THAT(identity, IsOk());
  identity->is_clean = true;
  {
    const auto directory = OpenDirectory();
    ASSERT_THAT(directory->Store(*identity), IsOk());
  }

  EXPECT_TRUE(OpenDirectory()->identity()->is_clean);
  ASSERT_THAT(StartOnce(), IsOk());
  EXPECT_FALSE(OpenDirectory()->identity()->is_clean) << "running again";
}

}  // namespace
}  // namespace quorumcache::node_service
