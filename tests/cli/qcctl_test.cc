// SPDX-License-Identifier: Apache-2.0
// qcctl as its users meet it: the real program against a real cluster of its own playground.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/process_state.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

std::string Qcctl() {
  return absl::StrCat(std::getenv("QC_BIN_DIR"), "/qcctl");
}

std::string Quoted(const std::string& text) {
  return "'" + text + "'";
}

// A shell command whose output is read line by line; the first line is its process id.
class Command {
 public:
  explicit Command(const std::string& command)
      : pipe_(popen(absl::StrCat("echo $$; exec ", command).c_str(), "r")) {
    EXPECT_NE(pipe_, nullptr);
    EXPECT_TRUE(absl::SimpleAtoi(ReadLine(), &pid_));
  }
  ~Command() {
    if (pipe_ == nullptr) return;
    kill(pid_, SIGKILL);
    pclose(pipe_);
  }
  pid_t pid() const { return pid_; }
  std::string ReadLine() {
    std::string line;
    for (int c = fgetc(pipe_); c != EOF && c != '\n'; c = fgetc(pipe_)) line.push_back(char(c));
    return line;
  }
  std::string ReadAll() {
    std::string text;
    for (int c = fgetc(pipe_); c != EOF; c = fgetc(pipe_)) text.push_back(char(c));
    return text;
  }
  // Its exit code, or 128 + the signal that ended it.
  int Wait() {
    const int status = pclose(std::exchange(pipe_, nullptr));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  FILE* pipe_;
  pid_t pid_ = -1;
};

struct Outcome {
  int exit_code = -1;
  std::string out;
};

// A playground of its own, of three storage nodes and one coordinator.
class Cluster {
 public:
  explicit Cluster(const std::string& data_dir, const std::string& more = "")
      : playground_(absl::StrCat(Qcctl(), " playground --data-dir ", Quoted(data_dir),
                                 " --coordinators 1 --json ", more)),
        json_(playground_.ReadLine()) {
    EXPECT_THAT(json_, StartsWith("{\"coordinators\":[{\"grpc\":\"127.0.0.1:"));
  }

  // Both outputs of the command together. `arguments` are words of the shell.
  Outcome Run(const std::string& arguments) const {
    Command command(
        absl::StrCat("env QC_ENDPOINTS=", Endpoint(), " ", Qcctl(), " ", arguments, " 2>&1"));
    Outcome outcome;
    outcome.out = command.ReadAll();
    outcome.exit_code = command.Wait();
    return outcome;
  }
  std::string Endpoint() const { return Between("\"grpc\":\"", "\""); }
  // Of all members.
  std::vector<pid_t> Pids() const {
    std::vector<pid_t> pids;
    const std::vector<std::string> parts = absl::StrSplit(json_, "\"pid\":");
    for (size_t i = 1; i < parts.size(); ++i) pids.push_back(std::atoi(parts[i].c_str()));
    return pids;
  }
  // The coordinator comes first.
  pid_t StorageNode(size_t index) const { return Pids()[1 + index]; }
  int Stop(int signal) {
    kill(playground_.pid(), signal);
    return playground_.Wait();
  }

 private:
  std::string Between(const std::string& begin, const std::string& end) const {
    const size_t from = json_.find(begin) + begin.size();
    return json_.substr(from, json_.find(end, from) - from);
  }

  Command playground_;
  std::string json_;
};

class QcctlTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new support::TempDir();
    cluster_ = new Cluster(directory_->File("data"));
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(cluster_->Stop(SIGTERM), 0);
    delete cluster_;
    delete directory_;
  }
  static Outcome Qc(const std::string& arguments) { return cluster_->Run(arguments); }

  static support::TempDir* directory_;
  static Cluster* cluster_;
};

support::TempDir* QcctlTest::directory_ = nullptr;
Cluster* QcctlTest::cluster_ = nullptr;

TEST_F(QcctlTest, ValuesAreStoredReadAndDeleted) {
  EXPECT_THAT(Qc("set greeting hello --ttl 1h").out, MatchesRegex("[0-9a-f.]+\n"));
  EXPECT_EQ(Qc("get greeting").out, "hello");
  EXPECT_THAT(Qc("ttl greeting").out, MatchesRegex("59m[0-9.]+s\n"));
  EXPECT_THAT(Qc("get greeting -o json").out, HasSubstr("\"value\":\"hello\""));
  EXPECT_EQ(Qc("touch greeting --never").exit_code, 0);
  EXPECT_EQ(Qc("ttl greeting").out, "never\n");
  EXPECT_EQ(Qc("del greeting").exit_code, 0);
  EXPECT_EQ(Qc("get greeting").exit_code, 3);
  EXPECT_EQ(Qc("ttl greeting").exit_code, 3);
  EXPECT_EQ(Qc("touch greeting --ttl 1s").exit_code, 3);
}

TEST_F(QcctlTest, BinaryValuesGoThroughFilesUnchanged) {
  const std::string path = directory_->File("value");
  std::string bytes(1000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  std::ofstream(path, std::ios::binary) << bytes;

  EXPECT_EQ(Qc("set binary --file " + Quoted(path)).exit_code, 0);

  EXPECT_EQ(Qc("get binary").out, bytes);
  EXPECT_EQ(Qc("set binary2 -f - < " + Quoted(path)).exit_code, 0);
  EXPECT_EQ(Qc("get binary2").out, bytes);
}

TEST_F(QcctlTest, ConditionsThatAreNotMetAreExitCode4) {
  const Outcome stored = Qc("set conditional 1 --if-absent");
  ASSERT_EQ(stored.exit_code, 0) << stored.out;
  const std::string etag = stored.out.substr(0, stored.out.size() - 1);

  EXPECT_EQ(Qc("set conditional 2 --if-absent").exit_code, 4);
  EXPECT_EQ(Qc("cas conditional " + etag + " 3").exit_code, 0);
  const Outcome late = Qc("cas conditional " + etag + " 4");
  EXPECT_EQ(late.exit_code, 4);
  EXPECT_THAT(late.out, HasSubstr("the present etag is"));
  EXPECT_EQ(Qc("get conditional").out, "3");
}

TEST_F(QcctlTest, CountersCount) {
  EXPECT_EQ(Qc("incr counter 5 --initial 100").out, "105\n");
  EXPECT_EQ(Qc("incr counter -7").out, "98\n");
  EXPECT_EQ(Qc("set word text").exit_code, 0);
  EXPECT_EQ(Qc("incr word").exit_code, 1);
}

TEST_F(QcctlTest, SeveralKeysAreReadAndListed) {
  ASSERT_EQ(Qc("set list-a 1").exit_code, 0);
  ASSERT_EQ(Qc("set list-b 2").exit_code, 0);

  EXPECT_EQ(Qc("mget list-a list-b -o value").out, "1\n2\n");
  EXPECT_EQ(Qc("mget list-a list-c").exit_code, 3);
  EXPECT_THAT(Qc("scan list-").out, AllOf(HasSubstr("list-a\n"), HasSubstr("list-b\n")));
  EXPECT_EQ(Qc("scan list- --limit 1").out.size(), 7u);
}

TEST_F(QcctlTest, ClusterIsDescribed) {
  EXPECT_EQ(Qc("cluster status -o value").out, "healthy\n");
  EXPECT_EQ(Qc("node list -o value").out, "n1\nn2\nn3\n");
  EXPECT_EQ(Qc("health").exit_code, 0);
  ASSERT_EQ(Qc("set located x").exit_code, 0);
  EXPECT_THAT(Qc("locate located").out, AllOf(HasSubstr("n1"), HasSubstr("value")));
}

TEST_F(QcctlTest, ErrorsOfTheClusterAreToldApart) {
  EXPECT_EQ(Qc("get k --namespace nowhere").exit_code, 3);
  EXPECT_EQ(Qc("get ''").exit_code, 1);
  EXPECT_EQ(Qc("set k v --ttl 200000h").exit_code, 2);
}

TEST_F(QcctlTest, BenchMeasuresThroughBothDoors) {
  for (const char* door : {"unary", "pipeline"}) {
    const Outcome outcome =
        Qc(absl::StrCat("bench --keys 200 --duration 100ms --warmup 0 -o json --door ", door,
                        " --pids ", cluster_->StorageNode(0)));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("\"failed\":0,"), HasSubstr("\"hit_ratio\":1.0"),
                                   HasSubstr("qc-storage-node\":")));
  }
}

TEST_F(QcctlTest, SecondPlaygroundOnTheSameDirectoryIsRefused) {
  const Outcome outcome = Qc("playground --data-dir " + Quoted(directory_->File("data")));
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("another playground runs on"));
}

TEST(PlaygroundTest, DataAndPortsAreFoundAgainAndTheLossOfAMajorityIsExitCode5) {
  support::TempDir directory;
  std::string endpoint;
  {
    Cluster cluster(directory.File("data"));
    endpoint = cluster.Endpoint();
    ASSERT_EQ(cluster.Run("set kept value").exit_code, 0);
    const std::vector<pid_t> pids = cluster.Pids();
    EXPECT_EQ(cluster.Stop(SIGINT), 0);
    for (pid_t pid : pids) EXPECT_TRUE(support::WaitUntilGone(pid));
  }

  Cluster again(directory.File("data"));
  EXPECT_EQ(again.Endpoint(), endpoint);
  EXPECT_EQ(again.Run("get kept").out, "value");

  for (const int node : {0, 1}) {
    const pid_t pid = again.StorageNode(node);
    kill(pid, SIGKILL);
    EXPECT_TRUE(support::WaitUntilGone(pid));
  }
  Outcome refused;
  // The first may still find the connections open, and then not know.
  do {
    refused = again.Run("set kept other --timeout 5s");
  } while (refused.exit_code == 6);
  EXPECT_EQ(refused.exit_code, 5) << refused.out;
  EXPECT_THAT(refused.out, HasSubstr("not applied"));
  EXPECT_EQ(again.Run("get kept --consistency one").exit_code, 0);
}

TEST(PlaygroundTest, MembersDieWithAPlaygroundThatIsKilled) {
  support::TempDir directory;
  Cluster cluster(directory.File("data"), "--storage-nodes 1");
  const std::vector<pid_t> pids = cluster.Pids();
  ASSERT_EQ(pids.size(), 2u);

  EXPECT_EQ(cluster.Stop(SIGKILL), 128 + SIGKILL);

  for (pid_t pid : pids) EXPECT_TRUE(support::WaitUntilGone(pid));
}

}  // namespace
}  // namespace quorumcache::cli
