// SPDX-License-Identifier: Apache-2.0
// The etcd of a playground: one of its own where it is given none, and how the map gets into it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/child_process.h"

namespace quorumcache::cli {

// One member, for looking at: no redundancy. Thread-compatible; stops it when destroyed.
class PlaygroundEtcd {
 public:
  // Debian's `etcd` (package etcd-server), from the PATH, with its data in `directory`. Waits until
  // it serves. NOT_FOUND: it is not installed. UNAVAILABLE: it does not come up.
  static absl::StatusOr<PlaygroundEtcd> Start(const std::string& directory, const std::string& log);
  PlaygroundEtcd(PlaygroundEtcd&& other) noexcept;
  PlaygroundEtcd& operator=(PlaygroundEtcd&& other) = delete;
  ~PlaygroundEtcd();

  // HOST:PORT
  const std::string& endpoint() const { return endpoint_; }

 private:
  PlaygroundEtcd(ChildProcess child, std::string endpoint)
      : child_(std::move(child)), endpoint_(std::move(endpoint)) {}

  bool is_owner_ = true;
  ChildProcess child_;
  std::string endpoint_;
};

struct MapMove {
  // The program: etcd is talked to by a child, because gRPC and fork do not go together.
  std::string qcctl;
  // The first map; its cluster id is the prefix, so that playgrounds share an etcd in peace.
  std::string map_file;
  std::string log;
  std::vector<std::string> endpoints;
};

// Puts the map into etcd unless it is there already; the URL of the store.
absl::StatusOr<std::string> MoveMapToEtcd(const MapMove& move);

}  // namespace quorumcache::cli
