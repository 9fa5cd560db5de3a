// SPDX-License-Identifier: Apache-2.0
// FileLease: who drives topology changes, on one machine.
//
// PATH.lease holds the holder's name; the lease is a lock (flock) on that file, so the kernel gives
// it back at the moment its holder dies. A holder that hangs keeps the lock but does not touch the
// file any more: after the TTL the next one puts a new file in its place. The old holder still has
// its lock, on a file that has no name any more, and sees so.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/topology/topology_store.h"
#include "common/topology_file/unique_fd.h"

namespace quorumcache::topology_file {

// Thread-safe.
class FileLease : public topology::TopologyLease {
 public:
  // See TopologyStore::TryAcquireLease. Requires: nobody else is in here for the same path (the
  // caller holds the store's lock).
  static absl::StatusOr<std::unique_ptr<FileLease>> TryAcquire(const std::string& path,
                                                               absl::string_view holder,
                                                               absl::Duration ttl);
  ~FileLease() override;

  bool held() const override;

 private:
  FileLease(std::string path, UniqueFd file, UniqueFd stop, absl::Duration ttl);

  void KeepAlive() const;

  const std::string path_;
  const UniqueFd file_;
  const UniqueFd stop_;
  const absl::Duration ttl_;
  std::thread thread_;
};

}  // namespace quorumcache::topology_file
