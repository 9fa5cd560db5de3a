// SPDX-License-Identifier: Apache-2.0
// Processes that must not start say why, name the thing, and exit with an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/load.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Runs argv with its standard error in the output.
CommandResult RunMerged(const std::vector<std::string>& argv) {
  std::vector<std::string> shell = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
  shell.insert(shell.end(), argv.begin(), argv.end());
  return RunCommand(shell);
}

std::vector<std::string> WithFlag(std::vector<std::string> argv, const std::string& flag,
                                  const std::string& value) {
  for (size_t i = 0; i < argv.size(); ++i) {
    if (argv[i] == flag && i + 1 < argv.size()) argv[i + 1] = value;
    if (absl::StartsWith(argv[i], flag + "=")) argv[i] = absl::StrCat(flag, "=", value);
  }
  return argv;
}

TEST(RefusedStartTest, UnknownFlagIsNamed) {
  for (const char* name : {"qc-coordinator", "qc-storage-node", "qcctl"}) {
    const CommandResult result = RunMerged({Binary(name), "--no-such-flag", "1"});
    EXPECT_NE(result.exit_code, 0) << name;
    EXPECT_THAT(result.output, HasSubstr("no-such-flag")) << name;
  }
}

TEST(RefusedStartTest, UnknownTomlKeyIsNamed) {
  support::TempDir directory;
  std::ofstream(directory.File("c.toml")) << "no_such_key = 1\n";
  for (const char* name : {"qc-coordinator", "qc-storage-node"}) {
    const CommandResult result =
        RunMerged({Binary(name), "--config", directory.File("c.toml"), "--check-config"});
    EXPECT_NE(result.exit_code, 0) << name;
    EXPECT_THAT(result.output, AllOf(HasSubstr("no_such_key"), HasSubstr("c.toml"))) << name;
  }
}

TEST(RefusedStartTest, AddressThatIsNotLoopbackNeedsInsecure) {
  support::TempDir directory;
  const CommandResult result =
      RunMerged({Binary("qc-coordinator"), "--listen", "0.0.0.0:0", "--topology",
                 absl::StrCat("file:", directory.File("map"))});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("--insecure"));
}

TEST(RefusedStartTest, PortInUseIsNamed) {
  support::TempDir directory;
  auto cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  for (const Member& member : (*cluster)->coordinators()) {
    const CommandResult result = RunMerged(CommandLineOf(member.pid));
    EXPECT_NE(result.exit_code, 0);
    EXPECT_THAT(result.output, HasSubstr("in use"));
  }
}

TEST(RefusedStartTest, DataDirectoryOfAnotherClusterIsRefused) {
  support::TempDir directory;
  auto first = Playground::Start(directory.File("first"));
  ASSERT_THAT(first, IsOk());
  const std::string foreign = (*first)->storage_nodes()[0].data_dir;
  EXPECT_THAT((*first)->StopCleanly(), support::IsOkAndHolds(0));
  auto second = Playground::Start(directory.File("second"));
  ASSERT_THAT(second, IsOk());
  const Member& node = (*second)->storage_nodes()[0];
  const std::vector<std::string> argv = WithFlag(CommandLineOf(node.pid), "--data-dir", foreign);
  (*second)->Kill(node);

  const CommandResult result = RunMerged(argv);

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("cluster"));
}

TEST(RefusedStartTest, SecondProcessOnOneDataDirectoryIsRefused) {
  support::TempDir directory;
  auto cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  const std::vector<std::string> argv = CommandLineOf((*cluster)->storage_nodes()[0].pid);

  const CommandResult result = RunMerged(
      WithFlag(WithFlag(argv, "--listen", "127.0.0.1:0"), "--http-listen", "127.0.0.1:0"));

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("data"));
}

// Flips every bit of the files that hold what a start reads first.
void RotAllSstFiles(const std::string& data_dir) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_dir)) {
    if (entry.path().extension() != ".sst") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    in.close();
    for (char& c : bytes) c = static_cast<char>(~c);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
}

TEST(RefusedStartTest, RottenDataIsRefusedWithTheWayOut) {
  support::TempDir directory;
  auto cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  // The second start turns the first one's log into sorted files.
  ASSERT_THAT((*cluster)->StopCleanly(), support::IsOkAndHolds(0));
  cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  const Member& node = (*cluster)->storage_nodes()[0];
  const std::vector<std::string> argv = CommandLineOf(node.pid);
  (*cluster)->Kill(node);
  RotAllSstFiles(node.data_dir);

  const CommandResult result = RunMerged(argv);

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("nothing was changed"), HasSubstr(node.data_dir),
                                   HasSubstr("qcctl node replace " + node.id)));
}

}  // namespace
}  // namespace quorumcache::integration
