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
#include "tests/integration/etcd.h"
#include "tests/integration/playground.h"
#include "tests/support/tcp_proxy.h"

namespace quorumcache::histories {

struct ClusterOptions {
  // 0: as many as the playground likes.
  int partitions = 0;
  // The map is in an etcd of three members, instead of a file.
  bool with_etcd = false;
  // No proxy between the members, only before the coordinators.
  bool is_direct = false;
};

// How far a change of the cluster's shape is, as one coordinator tells it.
struct ChangeProgress {
  bool is_idle = false;
  int64_t epoch = 0;
  int64_t replicas_done = 0;
  int64_t replicas_total = 0;
  std::string driver;
  // Who copies from whom now; "" is several nodes.
  std::vector<std::pair<std::string, std::string>> transfers;
  std::string text;
};
// From what /v1/cluster/changes and `qcctl -o json` say.
ChangeProgress ParseProgress(const std::string& json);

// Thread-compatible, but for what the proxy asks of it.
class Cluster {
 public:
  // 3 storage nodes and 3 coordinators on `data_dir`, ready; `clients` name themselves by their
  // process.
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const std::string& data_dir,
                                                        const ClusterOptions& options = {});
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

  // One more storage node with `flags`, which waits to be added under its proxy's address; its
  // name. From now on it is one of storage_nodes(): add it before Heal.
  absl::StatusOr<std::string> StartNode(const std::vector<std::string>& flags);
  // Where it listens itself, behind its proxy.
  uint16_t PortOfNode(const std::string& node);
  // Of the connections from a member to a node, without a proxy between them.
  std::vector<uint16_t> PortsTowards(const std::string& member, const std::string& node);
  std::string NodeAddress(const std::string& node) const { return proxy_->Address(node); }
  // kill -9, and the node's directory is gone; starts it again, and waits until it says that it
  // needs to be replaced.
  absl::Status RestartWiped(const std::string& node);
  // kill -9 for a node that has left the map; it is none of storage_nodes() any more.
  void Dismiss(const std::string& node);
  // What `qcctl ARGUMENTS` prints; an error has the command and its exit code.
  absl::StatusOr<std::string> Qcctl(const std::vector<std::string>& arguments) const;
  // Of a coordinator that is neither killed nor paused.
  absl::StatusOr<ChangeProgress> Progress() const;
  // Of each of these.
  std::vector<ChangeProgress> ProgressOfAll() const;
  // Every coordinator sees every node.
  absl::Status AwaitAllUp();
  // nullptr: the map is in a file.
  integration::Etcd* etcd() { return etcd_.get(); }

  // All faults end; waits until every member is ready and every coordinator sees every node.
  absl::Status Heal();

 private:
  explicit Cluster(std::string data_dir) : data_dir_(std::move(data_dir)) {}
  absl::Status OpenDoors();
  absl::Status FindPorts();
  absl::Status Launch(const ClusterOptions& options);
  integration::Member& Find(const std::string& member);
  std::string SourceOf(const support::TcpProxy::Peer& peer);
  void RememberPids();

  const std::string data_dir_;
  std::vector<std::string> storage_nodes_ = {"n1", "n2", "n3"};
  size_t nodes_started_ = 3;
  std::vector<std::string> coordinators_ = {"c1", "c2", "c3"};
  std::map<std::string, bool> is_killed_;
  std::map<std::string, bool> is_paused_;
  base::Mutex mutex_;
  std::map<pid_t, std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<integration::Etcd> etcd_;
  std::unique_ptr<integration::Playground> playground_;
  // Last, so that it is the first to go: it calls SourceOf.
  std::unique_ptr<support::TcpProxy> proxy_;
};

}  // namespace quorumcache::histories
