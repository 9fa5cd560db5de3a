// SPDX-License-Identifier: Apache-2.0
// A storage node is its data directory: an empty one under an old name, and a copy of one, are
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using support::IsOk;
using testing::AllOf;
using testing::HasSubstr;

CommandResult RunMerged(const std::vector<std::string>& argv) {
  std::vector<std::string> shell = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
  shell.insert(shell.end(), argv.begin(), argv.end());
  return RunCommand(shell);
}

// The command line with another value for `flag`.
std::vector<std::string> With(std::vector<std::string> argv, const std::string& flag,
                              const std::string& value) {
  for (size_t i = 0; i + 1 < argv.size(); ++i) {
    if (argv[i] == flag) argv[i + 1] = value;
  }
  return argv;
}

class IdentityTest : public testing::Test {
 protected:
  void SetUp() override {
    auto cluster = Playground::Start(directory_.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
  }
  bool Serves() {
    CacheClient client(cluster_->coordinators()[0].grpc);
    v1::GetResponse response;
    return client.Set("key", "value").ok() &&
           client.Get("key", &response, v1::CONSISTENCY_QUORUM).ok() && response.value() == "value";
  }

  const support::TempDir directory_;
  std::unique_ptr<Playground> cluster_;
};

TEST_F(IdentityTest, AWipedDiskUnderAnOldNameTakesNoPartUntilItIsReplaced) {
  Member& node = cluster_->storage_nodes()[0];
  EXPECT_TRUE(Serves());
  EXPECT_EQ(cluster_->Qcctl({"node", "replace", "n1", "--yes"}).exit_code, 4)
      << "it runs with the disk that the map knows";
  cluster_->Kill(node);
  ASSERT_THAT(cluster_->RestartWiped(node), IsOk());

  const auto waiting = HttpCall(node.http, "GET", "/readyz");
  ASSERT_THAT(waiting, IsOk());
  EXPECT_EQ(waiting->status, 503);
  EXPECT_THAT(waiting->body, HasSubstr("qcctl node replace n1"));
  EXPECT_TRUE(Serves()) << "the other two are a majority";
  cluster_->Kill(cluster_->storage_nodes()[1]);
  EXPECT_FALSE(Serves()) << "the wiped one does not count";
  ASSERT_THAT(cluster_->Restart(cluster_->storage_nodes()[1]), IsOk());

  EXPECT_EQ(cluster_->Qcctl({"node", "replace", "n1", "--yes", "--wait"}).exit_code, 0);

  EXPECT_THAT(WaitUntilReady(node), IsOk());
  cluster_->Kill(cluster_->storage_nodes()[1]);
  CacheClient client(cluster_->coordinators()[0].grpc);
  v1::GetResponse response;
  for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;) {
    if (client.Get("key", &response, v1::CONSISTENCY_QUORUM).ok()) break;
  }
  EXPECT_EQ(response.value(), "value") << "from the new disk and one other";
}

TEST_F(IdentityTest, ACopyOfARunningNodeIsRefused) {
  const Member node = cluster_->storage_nodes()[0];
  const std::string copy = directory_.File("copy");
  // Only what says who it is: a copy of more would be refused no later.
  std::filesystem::create_directories(copy);
  std::filesystem::copy(node.data_dir + "/identity", copy + "/identity");

  std::vector<std::string> argv = With(CommandLineOf(node.pid), "--data-dir", copy);
  argv = With(With(argv, "--listen", "127.0.0.1:0"), "--http-listen", "127.0.0.1:0");
  const CommandResult result = RunMerged(argv);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("two processes must not be one node"),
                                   HasSubstr("the address of node n1")));
  EXPECT_TRUE(Serves());
}

TEST_F(IdentityTest, ARestartIsNotATwin) {
  Member& node = cluster_->storage_nodes()[0];
  cluster_->Kill(node);
  EXPECT_THAT(cluster_->Restart(node), IsOk());
  EXPECT_TRUE(Serves());
}

}  // namespace
}  // namespace quorumcache::integration
