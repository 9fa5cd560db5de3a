// SPDX-License-Identifier: Apache-2.0
// FileStore: the cluster map in one file, for all processes of one machine. Nothing to install.
//
//   PATH        the map (common/topology_base/map_document.h), replaced as a whole by rename
//   PATH.lock   held (flock) while a change is compared and made
//   PATH.lease  who drives changes (file_lease.h)
//   PATH.tmp    what a change that was cut off left behind; the next one overwrites it
//
// Readers need no lock: what they open is the old or the new map. A change is on the disk before it
// is seen, so a power cut cannot take back an epoch that somebody acts on.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/topology/cluster_map.h"
#include "common/topology/topology_store.h"

namespace quorumcache::topology_file {

struct FileStoreOptions {
  // A change takes milliseconds; whoever holds the lock for seconds is stuck.
  absl::Duration lock_timeout = absl::Seconds(5);
  // How late a change is seen at worst, when inotify says nothing.
  absl::Duration recheck_interval = absl::Seconds(2);
  absl::Duration lease_ttl = topology::kLeaseTtl;
};

// Thread-safe; holds no lock and no descriptor between calls, except for its watches and
// leases.
class FileStore : public topology::TopologyStore {
 public:
  // `path`: its directory must exist before the first call that writes or watches.
  explicit FileStore(std::string path, FileStoreOptions options = {});

  absl::StatusOr<topology::ClusterMap> Read() override;
  absl::Status Create(const topology::ClusterMap& map) override;
  absl::Status CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) override;
  // A file that is sound but no successor of the last one (an old copy, the same epoch with
  // something else in it) is reported as DATA_LOSS.
  absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> Watch(
      topology::TopologyCallback callback) override;
  absl::StatusOr<std::unique_ptr<topology::TopologyLease>> TryAcquireLease(
      absl::string_view holder) override;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const FileStoreOptions options_;
};

}  // namespace quorumcache::topology_file
