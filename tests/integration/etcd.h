// SPDX-License-Identifier: Apache-2.0
// Etcd: a real etcd cluster of processes on loopback (Debian's etcd-server and etcd-client), for
// tests to break.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/integration/process.h"

namespace quorumcache::integration {

struct EtcdTestOptions {
  int member_count = 3;
  // Of the clients' doors; empty: no TLS. Paths.
  std::string ca, certificate, key;
};

// Thread-compatible. Kills its processes, and only these, when destroyed; the kernel does when the
// test dies.
class Etcd {
 public:
  // Empty where `etcd` and `etcdctl` are installed; otherwise what to say for a test that is left
  // out.
  static std::string WhyMissing();

  // Starts the members in `directory` and waits until they have a leader.
  static absl::StatusOr<std::unique_ptr<Etcd>> Start(const std::string& directory,
                                                     EtcdTestOptions options = {});

  // etcd://HOST:PORT,...PREFIX
  std::string Url(const std::string& prefix = "/test") const;
  // HOST:PORT of one member's door for clients.
  std::string Endpoint(size_t member) const;
  size_t member_count() const { return members_.size(); }

  // kill -9, and waits until it is gone.
  void Kill(size_t member);
  void KillAll();
  // Starts a killed member again, with its data.
  absl::Status Restart(size_t member);
  absl::Status RestartAll();
  void Signal(size_t member, int signal) { members_[member].process->Signal(signal); }
  // The member that leads now; asks again until there is one.
  absl::StatusOr<size_t> Leader() const;
  // `etcdctl ARGUMENTS` at all members; what it says, or why it failed.
  absl::StatusOr<std::string> Control(const std::vector<std::string>& arguments) const;
  absl::Status WaitUntilHealthy() const;

 private:
  struct Member {
    std::vector<std::string> argv;
    std::string endpoint;
    std::optional<Process> process;
  };
  Etcd() = default;
  std::string Endpoints() const;
  absl::StatusOr<std::string> ControlAt(const std::string& endpoints,
                                        const std::vector<std::string>& arguments) const;

  EtcdTestOptions options_;
  std::vector<Member> members_;
};

// The number behind the first "NAME": in JSON; empty where there is none.
std::string NumberOf(absl::string_view json, absl::string_view name);

}  // namespace quorumcache::integration
