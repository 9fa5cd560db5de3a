// SPDX-License-Identifier: Apache-2.0
// NodeStatus: whether this node may serve, and why not: one place for gRPC health, /readyz and the
// log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"

namespace quorumcache::node_service {

// Thread-safe.
class NodeStatus {
 public:
  // `on_change` is called from the thread that made the change, when what IsReady says has changed.
  explicit NodeStatus(std::function<void(bool ready)> on_change);

  // The partitions of the cluster map are configured; not OK: why the node takes no part.
  void SetTopology(const absl::Status& status);
  // Whether the topology store can be read. A node whose store is away goes on with the map it has,
  // so this is for people only.
  void SetStore(const absl::Status& status);
  // What Replica::Health says. A node that cannot write still answers reads and stays ready; one
  // that is fenced does not.
  void SetDisk(const absl::Status& status, bool is_fenced);
  void SetStopping();

  bool IsReady() const;
  // Writes are refused at present.
  bool IsReadOnly() const;
  // One line a fact: what is wrong, or "ok".
  std::vector<std::string> Describe() const;

 private:
  bool IsReadyLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <typename Change>
  void Update(Change change);

  const std::function<void(bool)> on_change_;
  mutable base::Mutex mutex_;
  absl::Status topology_ ABSL_GUARDED_BY(mutex_) =
      absl::UnavailableError("the cluster map has not been read yet");
  absl::Status store_ ABSL_GUARDED_BY(mutex_);
  absl::Status disk_ ABSL_GUARDED_BY(mutex_);
  bool is_fenced_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quorumcache::node_service
