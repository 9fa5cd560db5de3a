// SPDX-License-Identifier: Apache-2.0
// What has died goes from the disks of all replicas, never from some of them only.
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/topology_file/file_store.h"
#include "quorumcache/internal/v1/replica.grpc.pb.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;

// Bounds a wait that only a broken cluster reaches the end of.
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr int kPollIntervalMs = 20;
constexpr int kKeys = 20;

// A cluster whose nodes forget what has been dead for 300 ms, looking five times a second.
class GarbageTest : public testing::Test {
 protected:
  GarbageTest() {
    setenv("QC_GARBAGE_GRACE", "300ms", 1);
    setenv("QC_GARBAGE_INTERVAL", "200ms", 1);
    setenv("QC_ALLOW_SHORT_GARBAGE_GRACE", "true", 1);
  }
  void SetUp() override {
    auto cluster = Playground::Start(directory_.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
    client_ = std::make_unique<CacheClient>(cluster_->Endpoints()[0]);
    // Writes go to those that are up, and these tests want them on all three.
    ASSERT_THAT(WaitUntilAllNodesUp(cluster_->coordinators()[0]), IsOk());
  }

  Member& node(size_t i) { return cluster_->storage_nodes()[i]; }

  // The sum over all series of a node's metric, or the one with these labels.
  static double MetricOf(const Member& member, const std::string& series) {
    const auto reply = HttpCall(member.http, "GET", "/metrics");
    if (!reply.ok()) return -1;
    const size_t at = reply->body.find(absl::StrCat("\n", series, " "));
    return at == std::string::npos ? -1 : std::stod(reply->body.substr(at + series.size() + 2));
  }
  static bool WaitFor(const std::function<bool()>& done) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (!done()) {
      if (absl::Now() > give_up) return false;
      poll(nullptr, 0, kPollIntervalMs);
    }
    return true;
  }
  bool WaitForAllNodes(const std::string& series, double at_least) {
    return WaitFor([&] {
      for (const Member& member : cluster_->storage_nodes()) {
        if (MetricOf(member, series) < at_least) return false;
      }
      return true;
    });
  }

  void SetWithTtl(const std::string& key, absl::Duration ttl) {
    v1::SetRequest request;
    request.set_key(key);
    request.set_value("short-lived");
    request.mutable_ttl()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(ttl)));
    v1::SetResponse response;
    ASSERT_TRUE(client_->Call(&v1::CacheService::Stub::Set, request, &response).ok());
  }
  bool Finds(size_t coordinator, const std::string& key, v1::Consistency consistency) {
    v1::GetResponse response;
    const CallError error =
        CacheClient(cluster_->Endpoints()[coordinator]).Get(key, &response, consistency);
    EXPECT_TRUE(error.ok()) << error.message;
    return response.found();
  }

  // Every key that the node's engine holds a record of, dead or alive.
  std::set<std::string> StoredKeys(const Member& member) {
    topology_file::FileStore store(directory_.File("cluster/topology"));
    const auto map = store.Read();
    EXPECT_THAT(map, IsOk());
    std::set<std::string> keys;
    if (!map.ok()) return keys;
    const auto stub = internal::v1::ReplicaService::NewStub(
        rpc::MakeChannel(member.grpc, rpc::BaseChannelArguments()));
    for (uint32_t partition = 0; partition < map->partitions.size(); ++partition) {
      internal::v1::ScanPartitionRequest request;
      request.set_partition(partition);
      request.set_epoch(map->partitions[partition].epoch);
      request.set_incarnation(map->nodes[*map->FindNode(member.id)].incarnation);
      grpc::ClientContext context;
      internal::v1::ScanPartitionResponse response;
      const grpc::Status status = stub->ScanPartition(&context, request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      EXPECT_TRUE(response.complete());
      for (const auto& row : response.rows()) keys.insert(row.key());
    }
    return keys;
  }

  support::TempDir directory_;
  std::unique_ptr<Playground> cluster_;
  std::unique_ptr<CacheClient> client_;
};

TEST_F(GarbageTest, DeletedAndExpiredRecordsGoFromEveryDiskAndLiveOnesStay) {
  std::set<std::string> live;
  for (int i = 0; i < kKeys; ++i) {
    SetWithTtl(absl::StrCat("expires", i), absl::Milliseconds(100));
    ASSERT_TRUE(client_->Set(absl::StrCat("deleted", i), "value").ok());
    ASSERT_TRUE(client_->Delete(absl::StrCat("deleted", i)).ok());
    ASSERT_TRUE(client_->Set(absl::StrCat("live", i), "value").ok());
    live.insert(absl::StrCat("live", i));
  }

  ASSERT_TRUE(WaitForAllNodes("cache_expirations_total", kKeys));
  ASSERT_TRUE(WaitForAllNodes("cache_tombstones_dropped_total", kKeys));

  for (const Member& member : cluster_->storage_nodes()) {
    EXPECT_EQ(StoredKeys(member), live) << member.id;
    EXPECT_EQ(MetricOf(member, "cache_tombstones"), 0);
    EXPECT_EQ(MetricOf(member, "cache_entries"), kKeys);
  }
  for (const std::string& key : live) EXPECT_TRUE(Finds(1, key, v1::CONSISTENCY_QUORUM)) << key;
  EXPECT_FALSE(Finds(1, "deleted3", v1::CONSISTENCY_QUORUM));
  EXPECT_FALSE(Finds(1, "expires3", v1::CONSISTENCY_QUORUM));
}

TEST_F(GarbageTest, NothingIsDroppedWhileANodeIsDownAndNothingDeletedComesBackWithIt) {
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(client_->Set(absl::StrCat("deleted", i), "value").ok());
  }
  // A write is acknowledged by two of three; the one that will be down must have the values.
  ASSERT_TRUE(WaitForAllNodes("cache_entries", kKeys));
  cluster_->Kill(node(2));
  ASSERT_THAT(WaitUntilNodesUp(cluster_->coordinators()[0], 2), IsOk());
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(client_->Delete(absl::StrCat("deleted", i)).ok());
  }

  // Long past the grace, and passes have tried.
  const std::string waiting = "cache_garbage_waiting_partitions{reason=\"replica_down\"}";
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(WaitFor([&] { return MetricOf(node(i), "cache_garbage_oldest_seconds") > 0.5; }));
    EXPECT_GT(MetricOf(node(i), waiting), 0);
    EXPECT_EQ(MetricOf(node(i), "cache_tombstones_dropped_total"), 0);
    EXPECT_EQ(MetricOf(node(i), "cache_tombstones"), kKeys);
  }

  ASSERT_THAT(cluster_->Restart(node(2)), IsOk());
  ASSERT_TRUE(WaitForAllNodes("cache_tombstones_dropped_total", kKeys));
  ASSERT_TRUE(WaitFor([&] { return MetricOf(node(0), waiting) == 0; }));
  for (const Member& member : cluster_->storage_nodes()) {
    EXPECT_EQ(StoredKeys(member), std::set<std::string>()) << member.id;
  }

  // Nor when somebody dies who has forgotten, and comes back.
  cluster_->Kill(node(0));
  ASSERT_THAT(cluster_->Restart(node(0)), IsOk());
  for (size_t coordinator = 0; coordinator < 2; ++coordinator) {
    ASSERT_THAT(WaitUntilAllNodesUp(cluster_->coordinators()[coordinator]), IsOk());
    for (int i = 0; i < kKeys; ++i) {
      const std::string key = absl::StrCat("deleted", i);
      EXPECT_FALSE(Finds(coordinator, key, v1::CONSISTENCY_QUORUM)) << key;
      EXPECT_FALSE(Finds(coordinator, key, v1::CONSISTENCY_ONE)) << key;
    }
  }
}

}  // namespace
}  // namespace quorumcache::integration
