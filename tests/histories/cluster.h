// SPDX-License-Identifier: Apache-2.0
// Cluster: real processes with a proxy on every way between them, and all that can go wrong.
//
//   clients ── proxy ── coordinators c1.. ── proxy ── storage nodes n1..
//
// Links are named by who connects and whom to: {"clients", "c1"}, {"c1", "n2"}; a storage node that
// connects to another is {"n1", "n2"}. Faults name members the same way.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "tests/integration/playground.h"
#include "tests/support/tcp_proxy.h"

namespace quorumcache::histories {

// Thread-compatible, but for what the proxy asks of it.
class Cluster {
 public:
  // 3 storage nodes and 3 coordinators on `data_dir`, ready; `clients` name themselves by their
  // process.
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const std::string& data_dir);
  ~Cluster();

  const std::vector<std::string>& storage_nodes() const { return storage_nodes_; }
  const std::vector<std::string>& coordinators() const { return coordinators_; }
  // Addresses of the proxies before the coordinators.
  std::vector<std::string> GrpcAddresses() const;
  std::vector<std::string> HttpAddresses() const;

  void Kill(const std::string& member);
  // Starts it again, if it was killed; does not wait.
  absl::Status Restart(const std::string& member);
  // SIGSTOP and SIGCONT.
  void Pause(const std::string& member);
  void Resume(const std::string& member);
  support::TcpProxy& proxy() { return *proxy_; }

  // All faults end; waits until every member is ready and every coordinator sees every node.
  absl::Status Heal();

 private:
  explicit Cluster(std::string data_dir) : data_dir_(std::move(data_dir)) {}
  absl::Status OpenDoors();
  absl::Status FindPorts();
  integration::Member& Find(const std::string& member);
  std::string SourceOf(const support::TcpProxy::Peer& peer);
  void RememberPids();

  const std::string data_dir_;
  const std::vector<std::string> storage_nodes_ = {"n1", "n2", "n3"};
  const std::vector<std::string> coordinators_ = {"c1", "c2", "c3"};
  std::map<std::string, bool> is_killed_;
  base::Mutex mutex_;
  std::map<pid_t, std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<integration::Playground> playground_;
  // Last, so that it is the first to go: it calls SourceOf.
  std::unique_ptr<support::TcpProxy> proxy_;
};

}  // namespace quorumcache::histories
