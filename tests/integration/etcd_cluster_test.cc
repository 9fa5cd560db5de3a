// SPDX-License-Identifier: Apache-2.0
// A whole cluster whose map is in etcd: it serves while etcd has a new leader, and while there is
// no etcd at all, and says so. And how a map moves from one store to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/topology_stores/last_map_store.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/etcd.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using support::IsOk;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Until `text` is (not) in http://ADDRESS/TARGET; what it says then.
std::string AwaitPage(const Member& member, const std::string& target,
                      const testing::Matcher<const std::string&>& matcher) {
  std::string body;
  for (const absl::Time end = absl::Now() + absl::Seconds(30); absl::Now() < end;) {
    const auto reply = HttpCall(member.http, "GET", target);
    if (reply.ok()) body = reply->body;
    if (matcher.Matches(body)) return body;
  }
  ADD_FAILURE() << member.http << target << " goes on saying:\n" << body;
  return body;
}

double TopologyAge(const Member& member) {
  const auto reply = HttpCall(member.http, "GET", "/metrics");
  const std::string name = "\ncache_topology_age_seconds ";
  double age = -1;
  if (!reply.ok() || reply->body.find(name) == std::string::npos) return age;
  const std::string rest = reply->body.substr(reply->body.find(name) + name.size());
  return absl::SimpleAtod(rest.substr(0, rest.find('\n')), &age) ? age : -1;
}

void ExpectServes(Playground& cluster, const std::string& value) {
  for (const Member& coordinator : cluster.coordinators()) {
    CacheClient client(coordinator.grpc);
    for (int i = 0; i < 20; ++i) {
      const std::string key = absl::StrCat("key", i);
      EXPECT_TRUE(client.Set(key, value).ok());
      v1::GetResponse response;
      const CallError error = client.Get(key, &response, v1::CONSISTENCY_QUORUM);
      EXPECT_TRUE(error.ok()) << error.message;
      EXPECT_EQ(response.value(), value);
    }
  }
}

std::vector<Member> MembersOf(Playground& cluster) {
  std::vector<Member> members = cluster.coordinators();
  members.insert(members.end(), cluster.storage_nodes().begin(), cluster.storage_nodes().end());
  return members;
}

TEST(EtcdClusterTest, ServesThroughTheLossOfALeaderAndOfAllOfEtcd) {
  if (const std::string missing = Etcd::WhyMissing(); !missing.empty()) GTEST_SKIP() << missing;
  const support::TempDir directory;
  auto etcd = Etcd::Start(directory.File("etcd"));
  ASSERT_THAT(etcd, IsOk());
  auto cluster = Playground::Start(
      directory.File("cluster"),
      {"--etcd-endpoints",
       absl::StrCat((*etcd)->Endpoint(0), ",", (*etcd)->Endpoint(1), ",", (*etcd)->Endpoint(2))});
  ASSERT_THAT(cluster, IsOk());
  ExpectServes(**cluster, "before");
  for (const Member& member : MembersOf(**cluster)) {
    AwaitPage(member, "/readyz?verbose", Not(HasSubstr("topology store")));
  }

  const auto leader = (*etcd)->Leader();
  ASSERT_THAT(leader, IsOk());
  (*etcd)->Kill(*leader);
  ExpectServes(**cluster, "without the leader");

  (*etcd)->KillAll();
  ExpectServes(**cluster, "without etcd");
  for (const Member& member : MembersOf(**cluster)) {
    AwaitPage(member, "/readyz?verbose",
              AllOf(HasSubstr("ok"), HasSubstr("topology store: going on with the last map")));
    EXPECT_GT(TopologyAge(member), 0) << member.http;
  }
  ExpectServes(**cluster, "still without etcd");

  ASSERT_THAT((*etcd)->RestartAll(), IsOk());
  for (const Member& member : MembersOf(**cluster)) {
    AwaitPage(member, "/readyz?verbose", Not(HasSubstr("topology store")));
  }
  ExpectServes(**cluster, "after");
}

// `qcctl topology ARGUMENTS`, with what it says on standard error.
CommandResult Topology(const std::vector<std::string>& arguments) {
  std::vector<std::string> shell = {"/bin/sh",       "-c",      "exec \"$@\" 2>&1", "sh",
                                    Binary("qcctl"), "topology"};
  shell.insert(shell.end(), arguments.begin(), arguments.end());
  return RunCommand(shell);
}

TEST(TopologyMoveTest, ALostStoreIsMadeAgainFromWhatTheNodesHaveKept) {
  const support::TempDir directory;
  const std::string map_path = directory.File("cluster") + "/topology";
  std::vector<std::string> kept;
  {
    auto cluster = Playground::Start(directory.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    ExpectServes(**cluster, "before");
    for (const Member& node : (*cluster)->storage_nodes()) {
      kept.push_back(node.data_dir + "/last-map");
    }
    EXPECT_THAT((*cluster)->StopCleanly(), support::IsOkAndHolds(0));
  }
  const auto lost = topology_stores::ReadMapFile(map_path);
  ASSERT_THAT(lost, IsOk());
  std::filesystem::remove(map_path);

  std::vector<std::string> arguments = {"import", "--topology", "file:" + map_path};
  arguments.insert(arguments.end(), kept.begin(), kept.end());
  const CommandResult imported = Topology(arguments);
  EXPECT_EQ(imported.exit_code, 0) << imported.output;

  EXPECT_THAT(topology_stores::ReadMapFile(map_path), support::IsOkAndHolds(*lost));
  const CommandResult again = Topology(arguments);
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.output, HasSubstr("there is a map already; nothing was changed"));
  auto cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  CacheClient client((*cluster)->coordinators()[0].grpc);
  v1::GetResponse response;
  EXPECT_TRUE(client.Get("key7", &response).ok());
  EXPECT_EQ(response.value(), "before");
}

TEST(TopologyMoveTest, AMapMovesFromAFileToEtcd) {
  if (const std::string missing = Etcd::WhyMissing(); !missing.empty()) GTEST_SKIP() << missing;
  const support::TempDir directory;
  auto etcd = Etcd::Start(directory.File("etcd"), {.member_count = 1});
  ASSERT_THAT(etcd, IsOk());
  {
    auto cluster = Playground::Start(directory.File("cluster"));
    ASSERT_THAT(cluster, IsOk());
    EXPECT_THAT((*cluster)->StopCleanly(), support::IsOkAndHolds(0));
  }
  const std::string file = directory.File("cluster") + "/topology";
  const std::string exported = directory.File("exported");
  const std::string copy = directory.File("copy");

  CommandResult result = Topology({"export", "--topology", "file:" + file, exported});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  result = Topology({"import", "--topology", (*etcd)->Url(), exported});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  result = Topology({"export", "--topology", (*etcd)->Url(), copy});
  EXPECT_EQ(result.exit_code, 0) << result.output;

  const auto map = topology_stores::ReadMapFile(file);
  ASSERT_THAT(map, IsOk());
  EXPECT_THAT(topology_stores::ReadMapFile(copy), support::IsOkAndHolds(*map));
  result = Topology({"import", "--topology", (*etcd)->Url(), "--if-missing", exported});
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST(TopologyMoveTest, BadInputIsNamedAndChangesNothing) {
  const support::TempDir directory;
  const std::string store = "file:" + directory.File("map");
  EXPECT_THAT(Topology({"export", "--topology", store}).output, HasSubstr("no such file"));
  EXPECT_THAT(Topology({"export"}).output, HasSubstr("--topology is required"));
  EXPECT_THAT(Topology({"import", "--topology", store, directory.File("nothing")}).output,
              HasSubstr("no such file"));
  EXPECT_FALSE(std::filesystem::exists(directory.File("map")));
}

}  // namespace
}  // namespace quorumcache::integration
