// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/etcd.h"

#include <arpa/inet.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/runtime/free_ports.h"
#include "common/runtime/random_bits.h"

namespace quorumcache::integration {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

absl::StatusOr<std::vector<int>> FreePorts(size_t count) {
  runtime::PortPicker picker(runtime::RandomNonZero64());
  std::vector<int> ports;
  while (ports.size() < count) {
    QC_ASSIGN_OR_RETURN(const uint16_t port, picker.Any());
    ports.push_back(port);
  }
  return ports;
}

CommandResult Shell(const std::vector<std::string>& argv) {
  std::vector<std::string> shell = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
  shell.insert(shell.end(), argv.begin(), argv.end());
  return RunCommand(shell);
}

}  // namespace

std::string NumberOf(absl::string_view json, absl::string_view name) {
  const size_t at = json.find(absl::StrCat("\"", name, "\":"));
  if (at == absl::string_view::npos) return "";
  json.remove_prefix(at + name.size() + 3);
  return std::string(json.substr(0, json.find_first_not_of("0123456789")));
}

std::string Etcd::WhyMissing() {
  for (const char* program : {"etcd", "etcdctl"}) {
    if (Shell({"/usr/bin/env", program, program[4] == 'c' ? "version" : "--version"}).exit_code !=
        0) {
      return absl::StrCat("*** NOT TESTED: ", program,
                          " is not installed (apt-get install etcd-server etcd-client) ***");
    }
  }
  return "";
}

absl::StatusOr<std::unique_ptr<Etcd>> Etcd::Start(const std::string& directory,
                                                  EtcdTestOptions options) {
  auto etcd = std::unique_ptr<Etcd>(new Etcd());
  etcd->options_ = std::move(options);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::InternalError(absl::StrCat("cannot make ", directory));
  const size_t count = static_cast<size_t>(etcd->options_.member_count);
  QC_ASSIGN_OR_RETURN(const std::vector<int> ports, FreePorts(2 * count));
  const bool has_tls = !etcd->options_.ca.empty();
  std::vector<std::string> cluster;
  for (size_t i = 0; i < count; ++i) {
    cluster.push_back(absl::StrCat("m", i, "=http://127.0.0.1:", ports[2 * i]));
  }
  for (size_t i = 0; i < count; ++i) {
    const std::string peer = absl::StrCat("http://127.0.0.1:", ports[2 * i]);
    const std::string endpoint = absl::StrCat("127.0.0.1:", ports[2 * i + 1]);
    const std::string client = absl::StrCat(has_tls ? "https://" : "http://", endpoint);
    Member member{.endpoint = endpoint};
    // Elections in a fraction of a second: tests wait for them.
    member.argv = {"/usr/bin/env",
                   "etcd",
                   "--name",
                   absl::StrCat("m", i),
                   "--data-dir",
                   absl::StrCat(directory, "/m", i),
                   "--listen-client-urls",
                   client,
                   "--advertise-client-urls",
                   client,
                   "--listen-peer-urls",
                   peer,
                   "--initial-advertise-peer-urls",
                   peer,
                   "--initial-cluster",
                   absl::StrJoin(cluster, ","),
                   "--heartbeat-interval",
                   "50",
                   "--election-timeout",
                   "500",
                   "--logger",
                   "zap",
                   "--log-outputs",
                   absl::StrCat(directory, "/log", i)};
    if (has_tls) {
      for (const std::string& flag : {absl::StrCat("--trusted-ca-file=", etcd->options_.ca),
                                      std::string("--client-cert-auth"),
                                      absl::StrCat("--cert-file=", etcd->options_.certificate),
                                      absl::StrCat("--key-file=", etcd->options_.key)}) {
        member.argv.push_back(flag);
      }
    }
    etcd->members_.push_back(std::move(member));
  }
  QC_RETURN_IF_ERROR(etcd->RestartAll());
  return etcd;
}

std::string Etcd::Endpoint(size_t member) const {
  return members_[member].endpoint;
}

std::string Etcd::Endpoints() const {
  return absl::StrJoin(members_, ",", [](std::string* out, const Member& member) {
    absl::StrAppend(out, member.endpoint);
  });
}

std::string Etcd::Url(const std::string& prefix) const {
  return absl::StrCat(options_.ca.empty() ? "etcd://" : "etcds://", Endpoints(), prefix);
}

void Etcd::Kill(size_t member) {
  members_[member].process.reset();
}

void Etcd::KillAll() {
  for (Member& member : members_) member.process.reset();
}

absl::Status Etcd::Restart(size_t member) {
  QC_ASSIGN_OR_RETURN(Process process, Process::Start(members_[member].argv));
  members_[member].process.emplace(std::move(process));
  return absl::OkStatus();
}

absl::Status Etcd::RestartAll() {
  for (size_t i = 0; i < members_.size(); ++i) QC_RETURN_IF_ERROR(Restart(i));
  return WaitUntilHealthy();
}

absl::StatusOr<std::string> Etcd::Control(const std::vector<std::string>& arguments) const {
  return ControlAt(Endpoints(), arguments);
}

absl::StatusOr<std::string> Etcd::ControlAt(const std::string& endpoints,
                                            const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"/usr/bin/env", "ETCDCTL_API=3", "etcdctl", "--endpoints",
                                   endpoints};
  if (!options_.ca.empty()) {
    argv.insert(argv.end(),
                {"--cacert", options_.ca, "--cert", options_.certificate, "--key", options_.key});
  }
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const CommandResult result = Shell(argv);
  if (result.exit_code == 0) return result.output;
  return absl::UnavailableError(result.output);
}

absl::Status Etcd::WaitUntilHealthy() const {
  const absl::Time until = absl::Now() + kPatience;
  while (true) {
    const auto health = Control({"endpoint", "health"});
    if (health.ok()) return absl::OkStatus();
    if (absl::Now() > until) return health.status();
  }
}

absl::StatusOr<size_t> Etcd::Leader() const {
  const absl::Time until = absl::Now() + kPatience;
  while (absl::Now() < until) {
    for (size_t i = 0; i < members_.size(); ++i) {
      if (!members_[i].process.has_value()) continue;
      const auto status = ControlAt(members_[i].endpoint, {"endpoint", "status", "-w", "json"});
      if (!status.ok()) continue;
      const std::string leader = NumberOf(*status, "leader");
      if (!leader.empty() && leader == NumberOf(*status, "member_id")) return i;
    }
  }
  return absl::DeadlineExceededError("etcd has no leader");
}

}  // namespace quorumcache::integration
