// SPDX-License-Identifier: Apache-2.0
// DataDirectory: a storage node's directory: its lock, its identity file and where its data is.
//
//   DIR/lock      held (flock) by the process that has the directory
//   DIR/identity  identity.h
//   DIR/data/     the engine's
//   DIR/last-map  the last cluster map that the node has seen, for the loss of the topology store
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage_node/service/identity.h"

namespace quorumcache::node_service {

// Thread-compatible. Unlocks when destroyed.
class DataDirectory {
 public:
  // Makes the directory where it is missing, locks it and reads the identity. FAILED_PRECONDITION:
  // another process has it. DATA_LOSS: a damaged identity. INTERNAL: the system's reason.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(std::string path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::optional<Identity>& identity() const { return identity_; }
  // There is something in data/.
  bool HasData() const;
  std::string data_path() const { return path_ + "/data"; }
  std::string last_map_path() const { return path_ + "/last-map"; }

  // Replaces the identity file: the old or the new one is there whatever happens, and the new one
  // is on the disk when this returns OK.
  absl::Status Store(const Identity& identity);

 private:
  DataDirectory(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}
  absl::Status ReadIdentity();
  std::string identity_path() const { return path_ + "/identity"; }

  const std::string path_;
  const int lock_fd_;
  std::optional<Identity> identity_;
};

// Of the running machine; changes with every boot. INTERNAL where there is none.
absl::StatusOr<std::string> ReadBootId();

}  // namespace quorumcache::node_service
