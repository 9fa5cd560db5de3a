// SPDX-License-Identifier: Apache-2.0
// ChangeDriver around the pure driver: the lease, the store on its thread, stopping in the middle.
#include "coordinator/service/change_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "coordinator/rebalance/plan.h"
#include "tests/coordinator/service/fake_node_calls.h"
#include "tests/coordinator/service/manual_loop.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::service {
namespace {

using topology::ClusterMap;
using topology::MemoryStore;

// Four nodes with incarnations 1 to 4; n4 is about to give everything away.
ClusterMap DrainingMap() {
  ClusterMap map = topology::SmallMap(4);
  for (size_t i = 0; i < 4; ++i) map.nodes[i].incarnation = i + 1;
  return rebalance::MakePlan(map, {{rebalance::DrainNode{"n4"}}}, {})->next;
}

class ChangeDriverTest : public testing::Test {
 protected:
  ChangeDriverTest() { driver_.emplace(ChangeDriver::Parts{loop_, store_, calls_, tasks_, "c1"}); }
  ~ChangeDriverTest() override {
    driver_->Stop();
    tasks_.Stop();
    loop_.RunPosted();
  }

  // Tells the driver every map, as a watch does, and lets time pass, until `done`.
  bool RunUntil(const std::function<bool()>& done) {
    for (int i = 0; i < 20'000 && !done(); ++i) {
      if (loop_.RunPosted() == 0) std::this_thread::yield();
      driver_->OnMap(store_.Read().value());
      loop_.Advance(absl::Milliseconds(10));
    }
    return done();
  }
  bool IsDone() { return !store_.Read()->change.has_value(); }

  ManualLoop loop_;
  MemoryStore store_{DrainingMap()};
  FakeNodeCalls calls_{loop_, store_};
  TaskThread tasks_;
  std::optional<ChangeDriver> driver_;
};

TEST_F(ChangeDriverTest, TakesTheLeaseDrivesToTheEndAndGivesItBack) {
  EXPECT_FALSE(driver_->drives());

  EXPECT_TRUE(RunUntil([&] { return driver_->drives(); }));
  EXPECT_EQ(driver_->driver_name(), "c1");
  EXPECT_TRUE(RunUntil([&] { return IsDone(); }));

  EXPECT_EQ(topology::ReplicaCounts(store_.Read().value())[3], 0u);
  EXPECT_TRUE(RunUntil([&] { return !driver_->drives(); }));
  EXPECT_EQ(driver_->problem(), "");
  EXPECT_TRUE(RunUntil([&] { return store_.TryAcquireLease("c2").ok(); })) << "it is free again";
}

TEST_F(ChangeDriverTest, WaitsWhileAnotherCoordinatorDrivesAndThenGoesOn) {
  auto lease = store_.TryAcquireLease("c2");
  ASSERT_TRUE(lease.ok());
  const uint64_t epoch = store_.Read()->epoch;

  EXPECT_TRUE(RunUntil([&] { return driver_->driver_name() == "c2"; }));
  EXPECT_FALSE(driver_->drives());
  EXPECT_EQ(store_.Read()->epoch, epoch);

  lease->reset();
  EXPECT_TRUE(RunUntil([&] { return IsDone(); }));
}

TEST_F(ChangeDriverTest, AMapThatSomebodyElseChangesMeanwhileIsDrivenAllTheSame) {
  ASSERT_TRUE(RunUntil([&] { return driver_->drives(); }));
  store_.BeforeNextSet([this] {
    ClusterMap map = store_.Read().value();
    ++map.epoch;
    store_.Publish(map);
  });

  EXPECT_TRUE(RunUntil([&] { return IsDone(); }));
}

TEST_F(ChangeDriverTest, AnAbortedChangeIsLetGo) {
  calls_.keeps_waiting = true;
  ASSERT_TRUE(RunUntil([&] { return calls_.asked > 0; }));

  store_.Publish(rebalance::MakeAbort(store_.Read().value()).value());

  EXPECT_TRUE(RunUntil([&] { return !driver_->drives(); }));
  EXPECT_TRUE(IsDone());
  EXPECT_EQ(topology::ReplicaCounts(store_.Read().value())[3], 12u) << "all as it was";
}

TEST_F(ChangeDriverTest, StopsWhileAJoinerOwesAnAnswer) {
  calls_.keeps_waiting = true;
  ASSERT_TRUE(RunUntil([&] { return !calls_.waiting.empty(); }));
  const uint64_t epoch = store_.Read()->epoch;

  driver_->Stop();
  calls_.waiting[0](calls_.CopiesOf(store_.Read()->nodes[0]));
  for (int i = 0; i < 100; ++i) {
    loop_.RunPosted();
    loop_.Advance(absl::Milliseconds(50));
  }

  EXPECT_EQ(store_.Read()->epoch, epoch) << "nothing is published any more";
  EXPECT_EQ(loop_.timers(), 0u);
  tasks_.Stop();
  EXPECT_TRUE(store_.TryAcquireLease("c2").ok()) << "another one may go on";
}

TEST_F(ChangeDriverTest, StopsWhileAPublishIsUnderWay) {
  ASSERT_TRUE(RunUntil([&] { return driver_->drives(); }));
  std::promise<void> begun, ended;
  store_.BeforeNextSet([&] {
    begun.set_value();
    ended.get_future().wait();
  });
  const auto has_begun = begun.get_future();
  ASSERT_TRUE(RunUntil(
      [&] { return has_begun.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));

  driver_->Stop();
  ended.set_value();
  tasks_.Stop();
  loop_.RunPosted();

  EXPECT_FALSE(driver_->drives());
  EXPECT_EQ(loop_.timers(), 0u);
}

}  // namespace
}  // namespace quorumcache::service
