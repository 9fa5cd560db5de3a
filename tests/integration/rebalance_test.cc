// SPDX-License-Identifier: Apache-2.0
// A cluster that changes shape while clients write and read: nothing acknowledged is lost, nothing
// old is read, nobody notices.
//
// QC_REBALANCE_LONG=1 adds the walks that take minutes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/integration/etcd.h"
#include "tests/integration/http_client.h"
#include "tests/integration/load.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::quorumcache::support::IsOk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kClients = 4;
constexpr uint64_t kCallsBetweenSteps = 100;

class RebalanceTest : public testing::Test {
 protected:
  void Start(int partitions) {
    auto cluster =
        Playground::Start(directory_.File("cluster"), {"--partitions", absl::StrCat(partitions)});
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
    load_.emplace(cluster_->Endpoints(), kClients);
    ASSERT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
  }

  const Member& Node(const std::string& id) {
    for (const Member& node : cluster_->storage_nodes()) {
      if (node.id == id) return node;
    }
    ADD_FAILURE() << "no node " << id;
    return cluster_->storage_nodes()[0];
  }

  // Commits and waits until it is done.
  void Change(std::vector<std::string> command) {
    Begin(std::move(command));
    AwaitIdle();
  }
  void Begin(std::vector<std::string> command) {
    command.insert(command.end(), {"--yes"});
    EXPECT_EQ(cluster_->Qcctl(command).exit_code, 0) << absl::StrJoin(command, " ");
  }
  void AwaitIdle() {
    const CommandResult result = cluster_->Qcctl({"rebalance", "status", "--wait", "-o", "value"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.output, "idle\n");
    EXPECT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
  }
  // One fault at a time: both coordinators know all nodes again.
  void AwaitAllUp() {
    for (const Member& coordinator : cluster_->coordinators()) {
      ASSERT_THAT(WaitUntilNodesUp(coordinator, cluster_->storage_nodes().size()), IsOk());
    }
  }
  void AwaitRunning() {
    const std::string& http = cluster_->coordinators()[0].http;
    while (!absl::StrContains(HttpCall(http, "GET", "/v1/cluster/changes")->body, "running")) {
      std::this_thread::yield();
    }
  }
  // Polls until so many replicas have been cut over.
  void AwaitDone(int replicas) {
    for (int done = 0; done < replicas;) {
      const auto reply = HttpCall(cluster_->coordinators()[0].http, "GET", "/v1/cluster/changes");
      ASSERT_THAT(reply, IsOk());
      ASSERT_THAT(reply->body, HasSubstr("running"));
      const size_t at = reply->body.find("\"replicas_done\":");
      ASSERT_NE(at, std::string::npos);
      done = std::atoi(reply->body.c_str() + at + std::strlen("\"replicas_done\":"));
    }
  }

  HttpReply Post(size_t coordinator, const std::string& target, const std::string& body) {
    const auto reply = HttpCall(cluster_->coordinators()[coordinator].http, "POST", target, body,
                                {{"Content-Type", "application/json"}});
    EXPECT_THAT(reply, IsOk());
    return reply.value_or(HttpReply());
  }
  HttpReply Plan(const std::string& change) { return Post(0, "/v1/cluster/changes:plan", change); }
  HttpReply Commit(const std::string& change, size_t coordinator) {
    return Post(coordinator, "/v1/cluster/changes:commit", change);
  }
  static std::string AddJson(const std::string& address) {
    return absl::StrCat(R"({"add":[{"address":")", address, R"("}]})");
  }
  // The number behind the first `label` of `text`.
  static double NumberIn(const std::string& text, const std::string& label) {
    const size_t at = text.find(label);
    EXPECT_NE(at, std::string::npos) << label;
    return at == std::string::npos ? -1 : std::atof(text.c_str() + at + label.size());
  }
  // As the first coordinator has it.
  std::string Map() {
    return HttpCall(cluster_->coordinators()[0].http, "GET", "/v1/cluster")->body;
  }
  static void ExpectRefused(int status, const std::string& reason, const HttpReply& reply,
                            const std::string& what_next) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_THAT(reply.body, HasSubstr(absl::StrCat("\"", reason, "\"")));
    EXPECT_THAT(reply.body, HasSubstr("Nothing was changed"));
    EXPECT_THAT(reply.body, HasSubstr(what_next));
  }

  // Ends the load and judges it.
  void Judge() {
    const LoadReport report = load_->Stop();
    std::cout << report.acknowledged_writes << " acknowledged writes, " << report.reads
              << " reads, longest gap " << report.longest_gap << std::endl;
    EXPECT_THAT(report.lies, IsEmpty());
    EXPECT_LT(report.errors.size() * 1000, report.acknowledged_writes + report.reads)
        << absl::StrJoin(report.errors, "\n");
    for (const std::string& endpoint : alive_) {
      EXPECT_THAT(load_->VerifyAll(endpoint), IsEmpty());
    }
  }

  support::TempDir directory_;
  std::unique_ptr<Playground> cluster_;
  std::optional<Load> load_;
  std::vector<std::string> alive_;
};

TEST_F(RebalanceTest, GrowsReplacesADeadNodeAndShrinksUnderLoad) {
  Start(/*partitions=*/16);
  alive_ = cluster_->Endpoints();
  for (const char* id : {"n4", "n5"}) ASSERT_THAT(cluster_->StartNode(id), IsOk());

  Change({"cluster", "plan", "--add", Node("n4").grpc, "--add", Node("n5").grpc});
  cluster_->Kill(Node("n1"));
  ASSERT_THAT(cluster_->StartNode("n6"), IsOk());
  Change({"node", "replace", "n1", "--with", Node("n6").grpc});
  Change({"node", "remove", "n2"});
  cluster_->Kill(Node("n2"));

  EXPECT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
  Judge();
}

TEST_F(RebalanceTest, AnAbortHalfwayLosesNothingAndTheChangeCanBeMadeAgain) {
  Start(/*partitions=*/64);
  alive_ = cluster_->Endpoints();
  ASSERT_THAT(cluster_->StartNode("n4"), IsOk());

  auto waiter = std::async(std::launch::async, [&] {
    return cluster_->Qcctl({"node", "add", "--address", Node("n4").grpc, "--yes", "--wait"});
  });
  AwaitRunning();
  auto watcher = std::async(std::launch::async, [&] {
    return cluster_->Qcctl({"rebalance", "status", "--wait"});
  });
  AwaitDone(8);
  EXPECT_EQ(cluster_->Qcctl({"cluster", "abort", "-o", "value"}).output, "idle\n");
  EXPECT_EQ(waiter.get().exit_code, 1) << "a script must not go on";
  EXPECT_EQ(watcher.get().exit_code, 1) << "nor one that only looks";
  EXPECT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
  Change({"cluster", "plan", "--set-weight", "n4=100"});

  Judge();
}

// RocksDB keeps what was overwritten until it flushes; the plan must not count it.
TEST_F(RebalanceTest, APlanSaysAboutAsManyBytesAsThenMove) {
  Start(/*partitions=*/64);
  ASSERT_TRUE(load_->WaitForProgress(20 * kCallsBetweenSteps));
  Judge();
  ASSERT_THAT(cluster_->StartNode("n4"), IsOk());

  const double planned = NumberIn(Plan(AddJson(Node("n4").grpc)).body, "\"bytes_to_move\":");
  ASSERT_EQ(
      cluster_->Qcctl({"node", "add", "--address", Node("n4").grpc, "--yes", "--wait"}).exit_code,
      0);
  const double moved = NumberIn(HttpCall(Node("n4").http, "GET", "/metrics")->body,
                                "\ncache_rebalance_received_bytes_total ");

  EXPECT_GT(moved, 0);
  EXPECT_NEAR(planned, moved, 0.25 * moved);
}

TEST_F(RebalanceTest, ImpossibleChangesAreRefusedAndChangeNothing) {
  Start(/*partitions=*/16);
  const std::string before = HttpCall(cluster_->coordinators()[0].http, "GET", "/v1/cluster")->body;
  const auto refused = [&](const std::vector<std::string>& command) {
    const CommandResult result = cluster_->Qcctl(command);
    EXPECT_NE(result.exit_code, 0) << absl::StrJoin(command, " ");
    return result.exit_code;
  };

  EXPECT_EQ(refused({"node", "drain", "n9", "--yes"}), 3);
  EXPECT_EQ(refused({"node", "remove", "n1", "--yes"}), 4);
  EXPECT_EQ(refused({"node", "drain", "n1", "--epoch", "1"}), 4);
  EXPECT_EQ(refused({"node", "add", "--address", Node("n1").grpc, "--yes"}), 4);
  EXPECT_EQ(refused({"node", "add", "--address", "127.0.0.1:1", "--yes"}), 5);
  EXPECT_EQ(refused({"node", "add", "--address", "nowhere", "--yes"}), 1);
  EXPECT_EQ(refused({"cluster", "abort"}), 4);
  const auto leave = HttpCall(cluster_->coordinators()[0].http, "POST", "/leave?node=n1");
  ASSERT_THAT(leave, IsOk());
  EXPECT_EQ(leave->status, 409);
  EXPECT_THAT(leave->body, HasSubstr("TOO_FEW_NODES"));

  EXPECT_EQ(HttpCall(cluster_->coordinators()[0].http, "GET", "/v1/cluster")->body, before);
  Judge();
}

// What a person is told: what happened, that nothing was changed, and what to do.
TEST_F(RebalanceTest, EveryRefusalSaysWhyAndWhatToDo) {
  Start(/*partitions=*/16);
  auto other = Playground::Start(directory_.File("other"), {"--partitions", "16"});
  ASSERT_THAT(other, IsOk());
  const std::string before = Map();

  const std::string stranger = (*other)->storage_nodes()[0].grpc;
  ExpectRefused(409, "OTHER_CLUSTER", Plan(AddJson(stranger)), "give it an empty data directory");
  ExpectRefused(404, "NODE_NOT_FOUND", Plan(R"({"drain":["n9"]})"), "there are n1, n2, n3");
  ExpectRefused(409, "TOO_FEW_NODES", Plan(R"({"remove":["n1"]})"), "add nodes first");
  ExpectRefused(409, "ADDRESS_IN_USE", Plan(AddJson(Node("n1").grpc)), "node n1 already has");
  ExpectRefused(503, "NODE_UNREACHABLE", Plan(AddJson("127.0.0.1:1")), "start it first");
  ExpectRefused(409, "CHANGE_REFUSED", Plan(R"({"replace":[{"dead":"n1"}]})"),
                "nothing to replace");
  ExpectRefused(409, "EPOCH_MISMATCH", Commit(R"({"epoch":1,"weights":{"n1":50}})", 0),
                "plan again");
  ExpectRefused(409, "NO_CHANGE", Post(0, "/v1/cluster/changes:abort", "{}"), "under way");

  // The store, damaged and lost: not the fault of the change that was asked for.
  const std::string topology = directory_.File("cluster/topology");
  std::filesystem::rename(topology, topology + ".kept");
  ExpectRefused(503, "TOPOLOGY_UNAVAILABLE", Plan(R"({"weights":{"n1":50}})"), "no such file");
  std::ofstream(topology) << "torn";
  ExpectRefused(503, "TOPOLOGY_UNAVAILABLE", Post(0, "/v1/cluster/changes:abort", "{}"),
                "topology import");
  std::filesystem::rename(topology + ".kept", topology);

  EXPECT_EQ(Map(), before) << "nothing was changed";
  Judge();
}

// The same plan, committed at two coordinators at the same time: one of them is told.
TEST_F(RebalanceTest, OfTwoCommitsAtOnceExactlyOneWins) {
  Start(/*partitions=*/16);
  alive_ = cluster_->Endpoints();
  ASSERT_THAT(cluster_->StartNode("n4"), IsOk());
  Change({"node", "add", "--address", Node("n4").grpc});
  for (int round = 0; round < 5; ++round) {
    const std::string epoch = NumberOf(Map(), "epoch");
    // One way, and back.
    const char* weight = round % 2 == 0 ? "50" : "100";
    const std::string body =
        absl::StrCat(R"({"epoch":)", epoch, R"(,"weights":{"n1":)", weight, "}}");

    auto first = std::async(std::launch::async, [&] { return Commit(body, 0); });
    const HttpReply second = Commit(body, 1);
    const HttpReply one = first.get();

    EXPECT_NE(one.status < 300, second.status < 300) << one.body << second.body;
    const HttpReply& lost = one.status < 300 ? second : one;
    EXPECT_EQ(lost.status, 409);
    EXPECT_THAT(lost.body,
                testing::AnyOf(HasSubstr("EPOCH_MISMATCH"), HasSubstr("CHANGE_UNDER_WAY")));
    EXPECT_THAT(lost.body, HasSubstr("Nothing was changed"));
    AwaitIdle();
  }
  Judge();
}

// The walks that take minutes: every fault of the issue while partitions move.
class LongRebalanceTest : public RebalanceTest {
 protected:
  void SetUp() override {
    if (std::getenv("QC_REBALANCE_LONG") == nullptr) GTEST_SKIP() << "QC_REBALANCE_LONG=1 runs it";
  }
};

TEST_F(LongRebalanceTest, ThreeToSixOneByOneAndBack) {
  Start(/*partitions=*/256);
  alive_ = cluster_->Endpoints();

  for (const char* id : {"n4", "n5", "n6"}) {
    ASSERT_THAT(cluster_->StartNode(id), IsOk());
    Change({"node", "add", "--address", Node(id).grpc});
  }
  for (const char* id : {"n1", "n2", "n3"}) Change({"node", "remove", id});

  Judge();
}

TEST_F(LongRebalanceTest, SourceTargetAndDriverDieInTheMiddle) {
  Start(/*partitions=*/256);
  ASSERT_THAT(cluster_->StartNode("n4"), IsOk());

  Begin({"node", "add", "--address", Node("n4").grpc});
  AwaitDone(16);
  for (const char* id : {"n1", "n4"}) {
    for (Member& member : cluster_->storage_nodes()) {
      if (member.id != id) continue;
      cluster_->Kill(member);
      ASSERT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
      ASSERT_THAT(cluster_->Restart(member), IsOk());
      AwaitAllUp();
    }
  }
  AwaitDone(32);
  // Whichever of the two drives: the other one goes on when the lease has run out.
  cluster_->Kill(cluster_->coordinators()[0]);
  ASSERT_TRUE(load_->WaitForProgress(kCallsBetweenSteps));
  ASSERT_THAT(cluster_->Restart(cluster_->coordinators()[0]), IsOk());
  AwaitAllUp();
  cluster_->Kill(cluster_->coordinators()[1]);
  ASSERT_THAT(cluster_->Restart(cluster_->coordinators()[1]), IsOk());
  alive_ = cluster_->Endpoints();
  AwaitIdle();

  Judge();
}

TEST_F(LongRebalanceTest, ACoordinatorThatSleptThroughTheChangeTellsNoLie) {
  Start(/*partitions=*/64);
  alive_ = cluster_->Endpoints();
  ASSERT_THAT(cluster_->StartNode("n4"), IsOk());
  const Member sleeper = cluster_->coordinators()[1];

  Begin({"node", "add", "--address", Node("n4").grpc});
  AwaitDone(4);
  cluster_->Pause(sleeper);
  AwaitDone(8);
  cluster_->Resume(sleeper);
  AwaitIdle();

  Judge();
}

}  // namespace
}  // namespace quorumcache::integration
