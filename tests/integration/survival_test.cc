// SPDX-License-Identifier: Apache-2.0
// What the front page promises, on real processes: nothing acknowledged is lost, whoever dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/random.h"
#include "tests/integration/http_client.h"
#include "tests/integration/load.h"
#include "tests/integration/playground.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;
using ::testing::IsEmpty;

constexpr int kClients = 8;
constexpr uint64_t kCallsBetweenFaults = 100;

class SurvivalTest : public testing::Test {
 protected:
  void SetUp() override {
    auto cluster = Playground::Start(directory_.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
  }

  void StartAgain() {
    auto cluster = Playground::Start(directory_.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
  }

  static void Describe(const LoadReport& report) {
    std::cout << report.acknowledged_writes << " acknowledged writes, " << report.reads
              << " reads, longest gap " << report.longest_gap << ", slowest call "
              << report.slowest_call << std::endl;
  }

  support::TempDir directory_;
  std::unique_ptr<Playground> cluster_;
};

TEST_F(SurvivalTest, KilledStorageNodeLosesNothingAndStopsNobody) {
  base::Random random(support::TestSeed());
  Load load(cluster_->Endpoints(), kClients);
  ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));

  Member& victim = cluster_->storage_nodes()[random.Uniform(3)];
  cluster_->Kill(victim);
  ASSERT_TRUE(load.WaitForProgress(10 * kCallsBetweenFaults));
  const LoadReport report = load.Stop();

  Describe(report);
  // Every call had a deadline of one second, so no error also means that none took that long.
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_THAT(report.lies, IsEmpty());
  EXPECT_THAT(load.VerifyAll(cluster_->Endpoints()[0]), IsEmpty());
}

TEST_F(SurvivalTest, EveryStorageNodeKilledAndRestartedInTurnLosesNothing) {
  Load load(cluster_->Endpoints(), kClients);

  for (Member& member : cluster_->storage_nodes()) {
    ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));
    cluster_->Kill(member);
    ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));
    ASSERT_THAT(cluster_->Restart(member), IsOk());
    // The coordinators, too, must have found it again before the next one may die.
    for (const Member& coordinator : cluster_->coordinators()) {
      ASSERT_THAT(WaitUntilAllNodesUp(coordinator), IsOk());
    }
  }
  const LoadReport report = load.Stop();

  Describe(report);
  EXPECT_THAT(report.errors, IsEmpty());
  EXPECT_THAT(report.lies, IsEmpty());
  EXPECT_THAT(load.VerifyAll(cluster_->Endpoints()[1]), IsEmpty());
}

TEST_F(SurvivalTest, AllCoordinatorsKilledLoseNothing) {
  Load load(cluster_->Endpoints(), kClients);
  ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));

  for (Member& coordinator : cluster_->coordinators()) cluster_->Kill(coordinator);
  for (Member& coordinator : cluster_->coordinators()) {
    ASSERT_THAT(cluster_->Restart(coordinator), IsOk());
  }
  ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));
  const LoadReport report = load.Stop();

  Describe(report);
  EXPECT_THAT(report.lies, IsEmpty());
  EXPECT_THAT(load.VerifyAll(cluster_->Endpoints()[0]), IsEmpty());
}

TEST_F(SurvivalTest, EverythingKilledAtOnceKeepsEveryAcknowledgedWrite) {
  Load load(cluster_->Endpoints(), kClients);
  ASSERT_TRUE(load.WaitForProgress(kCallsBetweenFaults));

  cluster_->KillEverything();
  const LoadReport report = load.Stop();
  StartAgain();

  Describe(report);
  EXPECT_THAT(report.lies, IsEmpty());
  EXPECT_THAT(load.VerifyAll(cluster_->Endpoints()[0]), IsEmpty());
}

TEST_F(SurvivalTest, CleanStopAndSecondStartFindTheData) {
  CacheClient client(cluster_->Endpoints()[0]);
  ASSERT_TRUE(client.Set("kept", "value").ok());

  EXPECT_THAT(cluster_->StopCleanly(), support::IsOkAndHolds(0));
  StartAgain();

  CacheClient again(cluster_->Endpoints()[0]);
  v1::GetResponse response;
  ASSERT_TRUE(again.Get("kept", &response).ok());
  EXPECT_TRUE(response.found());
  EXPECT_EQ(response.value(), "value");
}

TEST_F(SurvivalTest, TwoOfThreeNodesDownRefusesQuorumAtOnceAndStillReadsOne) {
  CacheClient client(cluster_->Endpoints()[0]);
  ASSERT_THAT(WaitUntilAllNodesUp(cluster_->coordinators()[0]), IsOk());
  // By all: at QUORUM the one that is left might be the one that had not stored it yet.
  ASSERT_TRUE(client.Set("kept", "value", v1::CONSISTENCY_ALL).ok());
  cluster_->Kill(cluster_->storage_nodes()[0]);
  cluster_->Kill(cluster_->storage_nodes()[1]);
  ASSERT_THAT(WaitUntilNodesUp(cluster_->coordinators()[0], 1), IsOk());

  const CallError write = client.Set("kept", "other");
  v1::GetResponse response;
  const CallError read = client.Get("kept", &response);
  const CallError read_one = client.Get("kept", &response, v1::CONSISTENCY_ONE);

  EXPECT_EQ(write.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(write.reason, "QUORUM_UNREACHABLE");
  EXPECT_EQ(write.outcome, "not_applied");
  EXPECT_EQ(read.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(read.reason, "QUORUM_UNREACHABLE");
  EXPECT_TRUE(read_one.ok()) << read_one.message;
  EXPECT_EQ(response.value(), "value");

  const auto put = HttpCall(cluster_->coordinators()[0].http, "PUT", "/v1/keys/kept", "other");
  ASSERT_THAT(put, IsOk());
  EXPECT_EQ(put->status, 503);
  EXPECT_THAT(put->body, testing::HasSubstr("\"not_applied\""));
  EXPECT_THAT(put->headers, testing::Contains(testing::Key("retry-after")));
}

}  // namespace
}  // namespace quorumcache::integration
