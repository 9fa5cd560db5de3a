// SPDX-License-Identifier: Apache-2.0
// The slow log of a real coordinator, by every way that leads to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;

constexpr char kKey[] = "session:7f3a9c0d5e2b";
constexpr char kShownOfKey[] = "session:...(20 bytes)";
// Far above what a healthy cluster takes, also where the machine is busy, and below the deadlines.
constexpr char kThreshold[] = "400ms";

class SlowLogTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // The coordinators inherit it from qcctl.
    setenv("QC_SLOW_THRESHOLD", kThreshold, 1);
    directory_ = std::make_unique<support::TempDir>();
    auto cluster = Playground::Start(directory_->File("cluster"));
    unsetenv("QC_SLOW_THRESHOLD");
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
  }
  static void TearDownTestSuite() {
    cluster_.reset();
    directory_.reset();
  }
  void SetUp() override { ASSERT_NE(cluster_, nullptr); }

  static Playground& cluster() { return *cluster_; }
  static const Member& coordinator() { return cluster_->coordinators()[0]; }

  // A write that two hung replicas keep from a majority until its deadline.
  static void SetSlowly() {
    for (int i = 0; i < 2; ++i) cluster().Pause(cluster().storage_nodes()[i]);
    const auto answer = HttpCall(coordinator().http, "PUT", absl::StrCat("/v1/keys/", kKey), "v",
                                 {{"X-Request-Id", "trace-7"}, {"X-Timeout-Ms", "800"}});
    for (int i = 0; i < 2; ++i) cluster().Resume(cluster().storage_nodes()[i]);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->status, 504) << answer->body;
    ASSERT_THAT(WaitUntilAllNodesUp(coordinator()), IsOk());
  }

  static boost::json::object Log(const std::string& query = "") {
    const auto answer = HttpCall(coordinator().http, "GET", "/v1/slowlog" + query);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? boost::json::parse(answer->body).as_object() : boost::json::object();
  }
  // The entry of the write above, if it is kept.
  static std::optional<boost::json::object> SlowSet(const boost::json::object& log) {
    for (const boost::json::value& entry : log.at("operations").as_array()) {
      if (entry.at("request_id") == "trace-7") return entry.as_object();
    }
    return std::nullopt;
  }

  static boost::json::value TokenOfKey() {
    const auto located =
        HttpCall(coordinator().http, "GET", absl::StrCat("/v1/cluster/locate?key=", kKey));
    EXPECT_THAT(located, IsOk());
    return located.ok() ? boost::json::parse(located->body).at("token") : boost::json::value();
  }

  // The metric, which like all that is a state is published once a second.
  static void ExpectCounted() {
    const absl::Time until = absl::Now() + absl::Seconds(30);
    double counted = 0;
    while (counted < 1 && absl::Now() < until) {
      const auto page = HttpCall(coordinator().http, "GET", "/metrics");
      ASSERT_THAT(page, IsOk());
      for (const absl::string_view line : absl::StrSplit(page->body, '\n')) {
        if (!absl::StartsWith(line, "cache_slow_operations_total ")) continue;
        EXPECT_TRUE(absl::SimpleAtod(line.substr(line.find(' ') + 1), &counted));
      }
      poll(nullptr, 0, 20);
    }
    EXPECT_GE(counted, 1);
  }

 private:
  static inline std::unique_ptr<support::TempDir> directory_;
  static inline std::unique_ptr<Playground> cluster_;
};

TEST_F(SlowLogTest, AWriteThatHungReplicasHeldUpIsToldUntilItIsForgotten) {
  SetSlowly();

  const boost::json::object log = Log();
  EXPECT_EQ(log.at("threshold_seconds"), 0.4);
  const std::optional<boost::json::object> slow = SlowSet(log);
  ASSERT_TRUE(slow.has_value());
  EXPECT_EQ(slow->at("operation"), "set");
  EXPECT_EQ(slow->at("namespace"), "default");
  EXPECT_EQ(slow->at("key"), kShownOfKey);
  EXPECT_EQ(slow->at("token"), TokenOfKey());
  EXPECT_EQ(slow->at("consistency"), "quorum");
  EXPECT_GE(slow->at("duration_seconds").to_number<double>(), 0.4);
  EXPECT_EQ(slow->at("code"), "OUTCOME_UNKNOWN");
  EXPECT_EQ(slow->at("outcome"), "unknown");
  EXPECT_EQ(slow->at("required"), 2);
  EXPECT_EQ(slow->at("awaited_nodes"), (boost::json::array{"n1", "n2"}));
  EXPECT_TRUE(absl::StartsWith(std::string(slow->at("peer").as_string()), "127.0.0.1:"));

  const CommandResult listed = cluster().Qcctl({"slowlog", "-o", "json", "--limit", "0"});
  EXPECT_EQ(listed.exit_code, 0);
  const boost::json::value all = boost::json::parse(listed.output);
  EXPECT_EQ(all.at("coordinators").as_array().size(), 2u);
  EXPECT_TRUE(SlowSet(all.as_object()).has_value()) << listed.output;
  EXPECT_THAT(
      cluster().Qcctl({"slowlog"}).output,
      testing::AllOf(testing::HasSubstr(kShownOfKey), testing::HasSubstr("n1 n2"),
                     testing::HasSubstr("trace-7"), testing::Not(testing::HasSubstr(kKey))));
  ExpectCounted();

  EXPECT_EQ(cluster().Qcctl({"slowlog", "--reset"}).exit_code, 0);
  EXPECT_FALSE(SlowSet(Log()).has_value());
  EXPECT_GE(Log().at("total").to_number<int>(), 1) << "a reset does not change what was counted";
}

TEST_F(SlowLogTest, AnEndpointThatIsAwayHidesNoOther) {
  const CommandResult result =
      RunCommand({Binary("qcctl"), "slowlog", "-e",
                  absl::StrCat("127.0.0.1:1,", coordinator().grpc), "-o", "json"});

  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(boost::json::parse(result.output).at("coordinators").as_array().size(), 1u);
}

}  // namespace
}  // namespace quorumcache::integration
