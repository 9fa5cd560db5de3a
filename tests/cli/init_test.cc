// SPDX-License-Identifier: Apache-2.0
// qcctl cluster init, with a topology file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "cli/run.h"
#include "common/topology_file/file_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using support::IsOk;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

class InitTest : public testing::Test {
 protected:
  // With three nodes, of which the last has a zone, and `more`.
  Outcome Init(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {
        "cluster", "init",           "--topology", absl::StrCat("file:", path_),
        "--node",  "n1=a:1",         "--node",     "n2=b:2",
        "--node",  "n3=[::1]:3=west"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
  static Outcome Run(const std::vector<std::string>& arguments) {
    CaptureStdout();
    CaptureStderr();
    const int exit_code = RunQcctl(arguments, {});
    return {exit_code, GetCapturedStdout(), GetCapturedStderr()};
  }
  absl::StatusOr<topology::ClusterMap> Map() const {
    return topology_file::FileStore(path_).Read();
  }

  support::TempDir directory_;
  const std::string path_ = directory_.File("map");
};

TEST_F(InitTest, WritesAPlacedMapOfTheNodesItWasGiven) {
  const Outcome outcome = Init({"--partitions", "64", "--namespace", "sessions"});

  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3 storage nodes, 64 partitions, 3 replicas"));
  const absl::StatusOr<topology::ClusterMap> map = Map();
  ASSERT_THAT(map, IsOk());
  EXPECT_EQ(map->epoch, 1u);
  EXPECT_THAT(map->nodes,
              ElementsAre(Field(&topology::Node::address, "a:1"), Field(&topology::Node::id, "n2"),
                          testing::AllOf(Field(&topology::Node::address, "[::1]:3"),
                                         Field(&topology::Node::zone, "west"))));
  EXPECT_THAT(topology::ReplicaCounts(*map), ElementsAre(64u, 64u, 64u));
  EXPECT_NE(map->FindNamespace("sessions"), nullptr);
  EXPECT_NE(map->FindNamespace("default"), nullptr);
}

TEST_F(InitTest, LeavesAMapThatIsThere) {
  ASSERT_EQ(Init().exit_code, 0);
  const absl::StatusOr<topology::ClusterMap> before = Map();

  const Outcome refused = Init();
  const Outcome content = Init({"--if-missing"});

  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(content.exit_code, 0);
  EXPECT_THAT(content.err, HasSubstr("stays as it is"));
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(*Map(), *before);
}

TEST_F(InitTest, RefusesWhatMakesNoMap) {
  const std::string topology = absl::StrCat("file:", path_);
  for (const char* node : {"n1", "=a:1", "n1=a", "n1=a:1=z=more"}) {
    EXPECT_NE(Run({"cluster", "init", "--topology", topology, "--node", node}).exit_code, 0)
        << node;
  }
  EXPECT_EQ(Run({"cluster", "init", "--topology", topology}).exit_code, 2);
  EXPECT_EQ(Run({"cluster", "init", "--topology", path_, "--node", "n1=a:1"}).exit_code, 2);
  EXPECT_NE(Init({"--partitions", "100"}).exit_code, 0);
  EXPECT_NE(Init({"--replication-factor", "5"}).exit_code, 0);
  EXPECT_NE(Init({"--node", "n1=c:4"}).exit_code, 0);
  EXPECT_FALSE(Map().ok());
}

}  // namespace
}  // namespace quorumcache::cli
