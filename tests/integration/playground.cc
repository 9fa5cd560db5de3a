// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/playground.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/runtime/free_ports.h"
#include "common/runtime/random_bits.h"
#include "tests/integration/http_client.h"
#include "tests/support/process_state.h"

namespace quorumcache::integration {
namespace {

// Sanitizer builds on a busy machine are slow to start; a minute is only ever waited for in a
// failure.
constexpr absl::Duration kStartTimeout = absl::Minutes(1);
// Between two looks at another process's state, which sends no event to wait for.
constexpr int kPollIntervalMs = 20;

std::string Field(const boost::json::object& object, const char* name) {
  const boost::json::value* field = object.if_contains(name);
  return field != nullptr && field->is_string() ? std::string(field->get_string().c_str()) : "";
}

std::vector<Member> ReadList(const boost::json::object& root, const char* name) {
  std::vector<Member> members;
  for (const boost::json::value& entry : root.at(name).as_array()) {
    const boost::json::object& object = entry.as_object();
    members.push_back({Field(object, "id"), Field(object, "grpc"), Field(object, "http"),
                       Field(object, "data_dir"), object.at("pid").to_number<pid_t>()});
  }
  return members;
}

absl::Status PollUntil(const Member& member, const std::string& target,
                       const std::function<bool(const HttpReply&)>& done) {
  const absl::Time until = absl::Now() + kStartTimeout;
  std::string last = "no answer";
  while (absl::Now() < until) {
    const absl::StatusOr<HttpReply> reply = HttpCall(member.http, "GET", target);
    if (reply.ok() && done(*reply)) return absl::OkStatus();
    if (reply.ok()) last = reply->body;
    poll(nullptr, 0, kPollIntervalMs);
  }
  return absl::DeadlineExceededError(absl::StrCat(member.http, target, ": ", last));
}

// Until a storage node says that it waits to become a member.
absl::Status WaitUntilWaiting(const Member& member) {
  return PollUntil(member, "/readyz", [](const HttpReply& reply) {
    return reply.body.find("waiting:") != std::string::npos;
  });
}

size_t CountNodesUp(const std::string& json) {
  size_t up = 0;
  const boost::json::value root = boost::json::parse(json);
  for (const boost::json::value& node : root.at("nodes").as_array()) {
    if (node.at("health").as_string() == "up") ++up;
  }
  return up;
}

}  // namespace

std::string Binary(const std::string& name) {
  const char* folder = std::getenv("QC_BIN_DIR");
  QC_CHECK(folder != nullptr);
  return absl::StrCat(folder, "/", name);
}

absl::StatusOr<std::unique_ptr<Playground>> Playground::Start(const std::string& data_dir,
                                                              std::vector<std::string> extra) {
  QC_ASSIGN_OR_RETURN(std::unique_ptr<Playground> playground, Launch(data_dir, std::move(extra)));
  QC_RETURN_IF_ERROR(playground->WaitUntilStarted());
  return playground;
}

absl::StatusOr<std::unique_ptr<Playground>> Playground::Launch(const std::string& data_dir,
                                                               std::vector<std::string> extra) {
  std::vector<std::string> argv = {Binary("qcctl"),  "playground", "--storage-nodes", "3",
                                   "--coordinators", "2",          "--data-dir",      data_dir,
                                   "--json"};
  argv.insert(argv.end(), extra.begin(), extra.end());
  QC_ASSIGN_OR_RETURN(Process qcctl, Process::Start(argv));
  return std::unique_ptr<Playground>(new Playground(std::move(qcctl), data_dir));
}

absl::Status Playground::WaitUntilStarted() {
  QC_ASSIGN_OR_RETURN(const std::string json, qcctl_.ReadLine(kStartTimeout));
  return ReadMembers(json);
}

absl::Status Playground::ReadMembers(const std::string& json) {
  boost::system::error_code error;
  const boost::json::value root = boost::json::parse(json, error);
  if (error || !root.is_object()) return absl::InternalError(absl::StrCat("not JSON: ", json));
  storage_nodes_ = ReadList(root.as_object(), "storage_nodes");
  coordinators_ = ReadList(root.as_object(), "coordinators");
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const Member& member : *list) command_lines_[member.grpc] = CommandLineOf(member.pid);
  }
  return absl::OkStatus();
}

Playground::~Playground() {
  KillEverything();
}

void Playground::Kill(const Member& member) {
  kill(member.pid, SIGKILL);
  support::WaitUntilGone(member.pid);
}

void Playground::Pause(const Member& member) {
  QC_CHECK(support::Suspend(member.pid));
}

void Playground::Resume(const Member& member) {
  kill(member.pid, SIGCONT);
}

absl::Status Playground::RestartWithoutWaiting(Member& member) {
  QC_ASSIGN_OR_RETURN(Process process, Process::Start(command_lines_.at(member.grpc)));
  member.pid = process.pid();
  restarted_.push_back(std::move(process));
  return absl::OkStatus();
}

absl::Status Playground::Restart(Member& member) {
  QC_RETURN_IF_ERROR(RestartWithoutWaiting(member));
  return WaitUntilReady(member);
}

void Playground::KillEverything() {
  // The parent first, or it would report its children as lost.
  qcctl_.Signal(SIGKILL);
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const Member& member : *list) kill(member.pid, SIGKILL);
  }
  for (const auto* list : {&storage_nodes_, &coordinators_}) {
    for (const Member& member : *list) support::WaitUntilGone(member.pid);
  }
  storage_nodes_.clear();
  coordinators_.clear();
}

std::string Playground::TopologyUrl() const {
  const std::vector<std::string>& argv = command_lines_.at(storage_nodes_[0].grpc);
  const auto flag = std::find(argv.begin(), argv.end(), "--topology");
  QC_CHECK(flag != argv.end() && flag + 1 != argv.end());
  return flag[1];
}

absl::Status Playground::StartNode(const std::string& id, const std::vector<std::string>& flags) {
  runtime::PortPicker ports(runtime::RandomNonZero64());
  QC_ASSIGN_OR_RETURN(const uint16_t grpc, ports.Any());
  QC_ASSIGN_OR_RETURN(const uint16_t http, ports.Any());
  Member member{.id = id,
                .grpc = absl::StrCat("127.0.0.1:", grpc),
                .http = absl::StrCat("127.0.0.1:", http),
                .data_dir = absl::StrCat(data_dir_, "/", id)};
  std::vector<std::string>& argv = command_lines_[member.grpc];
  argv = {Binary("qc-storage-node"),
          "--node-id",
          id,
          "--listen",
          member.grpc,
          "--http-listen",
          member.http,
          "--data-dir",
          member.data_dir,
          "--topology",
          TopologyUrl()};
  argv.insert(argv.end(), flags.begin(), flags.end());
  QC_RETURN_IF_ERROR(RestartWithoutWaiting(member));
  storage_nodes_.push_back(member);
  return WaitUntilWaiting(member);
}

absl::Status Playground::RestartWiped(Member& node) {
  std::filesystem::remove_all(node.data_dir);
  QC_RETURN_IF_ERROR(RestartWithoutWaiting(node));
  return WaitUntilWaiting(node);
}

CommandResult Playground::Qcctl(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {Binary("qcctl")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--endpoints", absl::StrJoin(Endpoints(), ",")});
  return RunCommand(argv);
}

absl::StatusOr<int> Playground::StopCleanly() {
  qcctl_.Signal(SIGTERM);
  absl::StatusOr<int> exit_code = qcctl_.Wait(kStartTimeout);
  storage_nodes_.clear();
  coordinators_.clear();
  return exit_code;
}

std::vector<std::string> Playground::Endpoints() const {
  std::vector<std::string> endpoints;
  for (const Member& member : coordinators_) endpoints.push_back(member.grpc);
  return endpoints;
}

absl::Status WaitUntilReady(const Member& member) {
  return PollUntil(member, "/readyz", [](const HttpReply& reply) { return reply.status == 200; });
}

absl::Status WaitUntilNodesUp(const Member& coordinator, size_t count) {
  return PollUntil(coordinator, "/v1/cluster/nodes", [count](const HttpReply& reply) {
    return reply.status == 200 && CountNodesUp(reply.body) == count;
  });
}

}  // namespace quorumcache::integration
