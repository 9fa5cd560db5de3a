// SPDX-License-Identifier: Apache-2.0
// EtcdStore against a real etcd of three members, which loses some of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/topology_etcd/etcd_store.h"
#include "common/topology_etcd/etcd_url.h"
#include "tests/integration/etcd.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/map_reports.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::integration {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::MapReports;
using topology::Next;
using topology::TestMap;
using topology_etcd::EtcdOptions;
using topology_etcd::EtcdStore;

ClusterMap FirstMap() {
  ClusterMap map = TestMap({.node_count = 6});
  map.epoch = 1;
  return map;
}

// One etcd for all; each test has a prefix of its own, and leaves all members running.
class EtcdStoreTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    missing_ = Etcd::WhyMissing();
    if (!missing_.empty()) return;
    directory_ = std::make_unique<support::TempDir>();
    auto etcd = Etcd::Start(directory_->File(""));
    ASSERT_THAT(etcd, IsOk());
    etcd_ = *std::move(etcd);
  }
  static void TearDownTestSuite() {
    etcd_.reset();
    directory_.reset();
  }
  void SetUp() override {
    if (!missing_.empty()) GTEST_SKIP() << missing_;
    ASSERT_NE(etcd_, nullptr);
    store_ = NewStore();
  }

  static Etcd& etcd() { return *etcd_; }
  static std::string Prefix() {
    return absl::StrCat("/", testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  static std::unique_ptr<EtcdStore> NewStore(EtcdOptions options = {}) {
    static uint64_t seed = 1;
    options.seed = seed++;
    return std::make_unique<EtcdStore>(*topology_etcd::ParseEtcdUrl(etcd_->Url(Prefix())), options);
  }
  // By `etcdctl`, which is not ours.
  static void Put(const std::string& key, const std::string& value) {
    ASSERT_THAT(etcd().Control({"put", Prefix() + key, "--", value}), IsOk());
  }

  // Throws away all history up to now.
  static void Compact() {
    const std::string status = *etcd().Control({"endpoint", "status", "-w", "json"});
    const std::string revision = NumberOf(status, "revision");
    ASSERT_THAT(etcd().Control({"compact", revision}), IsOk());
  }

  std::unique_ptr<EtcdStore> store_;

 private:
  static inline std::string missing_;
  static inline std::unique_ptr<support::TempDir> directory_;
  static inline std::unique_ptr<Etcd> etcd_;
};

TEST_F(EtcdStoreTest, ReadsWhatWasCreatedOnce) {
  EXPECT_THAT(store_->Read(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(Prefix() + "/map")));
  EXPECT_THAT(store_->CompareAndSet(1, Next(FirstMap())), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());

  EXPECT_THAT(NewStore()->Read(), IsOkAndHolds(FirstMap()));
  ClusterMap other = FirstMap();
  other.cluster_id = "other";
  EXPECT_THAT(store_->Create(other), StatusIs(absl::StatusCode::kAlreadyExists));
  ClusterMap invalid = FirstMap();
  invalid.nodes.clear();
  EXPECT_THAT(store_->Create(invalid), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(store_->Read(), IsOkAndHolds(FirstMap()));
}

TEST_F(EtcdStoreTest, ChangesOnlyFromThePresentEpochAndOnlyByValidSteps) {
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  ASSERT_THAT(store_->CompareAndSet(1, Next(FirstMap())), IsOk());

  EXPECT_THAT(store_->CompareAndSet(1, Next(FirstMap())),
              StatusIs(absl::StatusCode::kAborted,
                       AllOf(HasSubstr("is at epoch 2"), HasSubstr("nothing was changed"))));
  ClusterMap jump = Next(Next(FirstMap()));
  topology::SetSlot(jump, 0, 0, topology::Slot::Settled(5));
  EXPECT_THAT(store_->CompareAndSet(2, jump), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(store_->Read(), IsOkAndHolds(Next(FirstMap())));
}

TEST_F(EtcdStoreTest, WhatIsNoMapOfOursIsRefusedAndLeftAlone) {
  Put("/map", "{\"epoch\":\"1\"}");

  EXPECT_THAT(store_->Read(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("this is no cluster map"), HasSubstr("topology import"))));
  EXPECT_THAT(store_->Create(FirstMap()), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_->CompareAndSet(1, Next(FirstMap())), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EtcdStoreTest, TheLargestMapFits) {
  // Names as long as they may be and hard to compress, three replicas of as many partitions as
  // there can be.
  ClusterMap map = topology::LargestMap(/*replication_factor=*/3);
  ASSERT_THAT(store_->Create(map), IsOk());

  EXPECT_TRUE(*store_->Read() == map);
  ASSERT_THAT(store_->CompareAndSet(1, Next(map)), IsOk());
  MapReports reports;
  const auto watch = store_->Watch(reports.Callback());
  EXPECT_TRUE(*reports.Take() == Next(map));
}

TEST_F(EtcdStoreTest, OfManyWritersExactlyOneWinsEachEpochWhileTheLeaderIsKilled) {
  constexpr int kWriters = 3;
  constexpr uint64_t kLastEpoch = 40;
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  std::vector<std::vector<uint64_t>> won(kWriters);
  std::vector<std::thread> threads;
  for (std::vector<uint64_t>& wins : won) {
    threads.emplace_back(
        [&wins, store = std::shared_ptr<EtcdStore>(NewStore({.call_timeout = absl::Seconds(30)}))] {
          while (true) {
            const auto map = store->Read();
            if (!map.ok()) continue;
            if (map->epoch >= kLastEpoch) return;
            const absl::Status status = store->CompareAndSet(map->epoch, Next(*map));
            if (status.ok()) wins.push_back(map->epoch + 1);
            ASSERT_TRUE(status.ok() || absl::IsAborted(status)) << status;
          }
        });
  }

  const auto leader = etcd().Leader();
  if (leader.ok()) etcd().Kill(*leader);
  for (std::thread& thread : threads) thread.join();
  ASSERT_THAT(leader, IsOk());
  ASSERT_THAT(etcd().Restart(*leader), IsOk());

  std::vector<uint64_t> all;
  for (const auto& wins : won) all.insert(all.end(), wins.begin(), wins.end());
  std::sort(all.begin(), all.end());
  std::vector<uint64_t> expected(kLastEpoch - 1);
  std::iota(expected.begin(), expected.end(), 2);
  EXPECT_EQ(all, expected);
  EXPECT_THAT(etcd().WaitUntilHealthy(), IsOk());
}

TEST_F(EtcdStoreTest, AWatchSeesEveryKindOfNewsInOrder) {
  MapReports reports;
  const auto watch = store_->Watch(reports.Callback());
  EXPECT_THAT(reports.Take(), StatusIs(absl::StatusCode::kNotFound));

  ASSERT_THAT(NewStore()->Create(FirstMap()), IsOk());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(FirstMap()));
  ASSERT_THAT(NewStore()->CompareAndSet(1, Next(FirstMap())), IsOk());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(Next(FirstMap())));
  Put("/map", "edited");
  EXPECT_THAT(reports.Take(), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_THAT(etcd().Control({"del", Prefix() + "/map"}), IsOk());
  EXPECT_THAT(reports.Take(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EtcdStoreTest, AWatchOutlivesTheMemberItAsked) {
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  MapReports reports;
  const auto watch = store_->Watch(reports.Callback());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(FirstMap()));

  ClusterMap map = FirstMap();
  for (size_t member = 0; member < etcd().member_count(); ++member) {
    etcd().Kill(member);
    map = Next(map);
    ASSERT_THAT(NewStore()->CompareAndSet(map.epoch - 1, map), IsOk());
    EXPECT_THAT(reports.Take(), IsOkAndHolds(map)) << "without member " << member;
    ASSERT_THAT(etcd().Restart(member), IsOk());
    ASSERT_THAT(etcd().WaitUntilHealthy(), IsOk());
  }
}

TEST_F(EtcdStoreTest, AWatchGoesOnAfterAnOutageWithCompaction) {
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  MapReports reports;
  const auto impatient = NewStore({.call_timeout = absl::Seconds(1)});
  const auto watch = impatient->Watch(reports.Callback());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(FirstMap()));

  etcd().KillAll();
  EXPECT_THAT(reports.Take(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(impatient->Read(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(etcd().RestartAll(), IsOk());
  ClusterMap map = FirstMap();
  for (int i = 0; i < 5; ++i) {
    map = Next(map);
    ASSERT_THAT(store_->CompareAndSet(map.epoch - 1, map), IsOk());
    Compact();
  }

  EXPECT_THAT(reports.TakeUntil(map.epoch), IsOkAndHolds(map));
}

TEST_F(EtcdStoreTest, ARevisionThatWasCompactedIsSaidToBe) {
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  ASSERT_THAT(store_->CompareAndSet(1, Next(FirstMap())), IsOk());
  Compact();
  const auto url = *topology_etcd::ParseEtcdUrl(etcd().Url(Prefix()));
  topology_etcd::EtcdClient client(url, {});
  topology_etcd::Interrupt never;
  etcdserverpb::WatchCreateRequest request;
  request.set_key(url.MapKey());
  request.set_start_revision(1);

  // What EtcdWatch waits for, to read the map again.
  bool was_compacted = false;
  ASSERT_THAT(client.Watch(
                  request, absl::Seconds(20),
                  [&](const etcdserverpb::WatchResponse& answer) {
                    was_compacted = answer.canceled() && answer.compact_revision() > 1;
                    return !was_compacted;
                  },
                  never),
              IsOk());
  EXPECT_TRUE(was_compacted);
}

TEST_F(EtcdStoreTest, AWatchStaysYoungWhileEtcdAnswersOnly) {
  ASSERT_THAT(store_->Create(FirstMap()), IsOk());
  MapReports reports;
  const auto quick =
      NewStore({.call_timeout = absl::Seconds(1), .recheck_interval = absl::Milliseconds(50)});
  const auto watch = quick->Watch(reports.Callback());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(FirstMap()));

  // It grows until a majority confirms the map, so it must be seen to shrink.
  absl::Duration before = (*watch)->Age();
  while ((*watch)->Age() >= before) before = std::max(before, (*watch)->Age());
  etcd().KillAll();
  EXPECT_THAT(reports.Take(), StatusIs(absl::StatusCode::kUnavailable));
  const absl::Duration age = (*watch)->Age();
  EXPECT_GE((*watch)->Age(), age);
  ASSERT_THAT(etcd().RestartAll(), IsOk());
  while ((*watch)->Age() >= age) std::this_thread::yield();
}

TEST_F(EtcdStoreTest, OneAtATimeHoldsTheLease) {
  auto lease = store_->TryAcquireLease("coordinator c1");
  ASSERT_THAT(lease, IsOk());
  EXPECT_TRUE((*lease)->held());
  EXPECT_THAT(NewStore()->TryAcquireLease("c2"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("coordinator c1")));

  lease->reset();

  EXPECT_THAT(NewStore()->TryAcquireLease("c2"), IsOk());
}

TEST_F(EtcdStoreTest, TheLeaseOutlivesTheLeaderAndItsOwnTtl) {
  // An attempt at the dead leader must cost a fraction of the lease, as it does by default.
  const auto store =
      NewStore({.attempt_timeout = absl::Milliseconds(500), .lease_ttl = absl::Seconds(3)});
  const auto lease = store->TryAcquireLease("c1");
  ASSERT_THAT(lease, IsOk());

  const size_t leader = *etcd().Leader();
  etcd().Kill(leader);
  // Time is what this is about: more than a TTL of it.
  for (const absl::Time end = absl::Now() + absl::Seconds(5); absl::Now() < end;) {
    ASSERT_FALSE(NewStore()->TryAcquireLease("c2").ok());
    std::this_thread::yield();
  }
  EXPECT_TRUE((*lease)->held());
  ASSERT_THAT(etcd().Restart(leader), IsOk());
  ASSERT_THAT(etcd().WaitUntilHealthy(), IsOk());
}

TEST_F(EtcdStoreTest, ALeaseThatEtcdHasTakenAwayIsLostForGood) {
  const auto store = NewStore({.lease_ttl = absl::Seconds(2)});
  const auto lease = store->TryAcquireLease("c1");
  ASSERT_THAT(lease, IsOk());
  const std::string list = *etcd().Control({"lease", "list"});
  for (const absl::string_view line : absl::StrSplit(list, '\n', absl::SkipEmpty())) {
    if (absl::StrContains(line, ' ')) continue;
    ASSERT_THAT(etcd().Control({"lease", "revoke", std::string(line)}), IsOk());
  }

  EXPECT_THAT(NewStore()->TryAcquireLease("c2"), IsOk());
  while ((*lease)->held()) std::this_thread::yield();
}

}  // namespace
}  // namespace quorumcache::integration
