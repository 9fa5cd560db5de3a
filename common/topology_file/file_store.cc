// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"
#include "common/topology_file/file_io.h"
#include "common/topology_file/file_lock.h"
#include "common/topology_file/file_watch.h"
#include "common/topology_file/map_file.h"

namespace quorumcache::topology_file {
namespace {

absl::StatusOr<topology::ClusterMap> ReadMap(const std::string& path) {
  QC_ASSIGN_OR_RETURN(const std::string bytes,
                      ReadWholeFile(path, limits::kClusterMapSizeBytesMax));
  return DecodeMapFile(bytes, path);
}

// Passes on what is new. Lives on the watch's thread.
class Reporter {
 public:
  Reporter(std::string path, topology::TopologyCallback callback)
      : path_(std::move(path)), callback_(std::move(callback)) {}

  void Look() {
    absl::StatusOr<topology::ClusterMap> map = ReadMap(path_);
    if (map.ok()) map = CheckOrder(*std::move(map));
    if (!map.ok()) {
      Fail(map.status());
    } else {
      Succeed(map);
    }
  }

 private:
  // Every map of the store's own making has a new and higher epoch.
  absl::StatusOr<topology::ClusterMap> CheckOrder(topology::ClusterMap map) const {
    if (map.epoch > last_map_.epoch || map == last_map_) return map;
    return absl::DataLossError(
        map.epoch < last_map_.epoch
            ? absl::StrCat("topology file ", path_, ": its epoch went back from ", last_map_.epoch,
                           " to ", map.epoch, "; an old copy was put back over a newer map")
            : absl::StrCat("topology file ", path_, ": it has changed, and its epoch is still ",
                           map.epoch, "; somebody else than this program wrote it"));
  }

  void Fail(absl::Status status) {
    if (status == last_failure_) return;
    last_failure_ = std::move(status);
    callback_(last_failure_);
  }

  void Succeed(const absl::StatusOr<topology::ClusterMap>& map) {
    last_failure_ = absl::OkStatus();
    if (map->epoch == last_map_.epoch) return;
    last_map_ = *map;
    callback_(map);
  }

  const std::string path_;
  const topology::TopologyCallback callback_;
  // The last map passed on; epoch 0: none.
  topology::ClusterMap last_map_;
  absl::Status last_failure_;
};

}  // namespace

FileStore::FileStore(std::string path, FileStoreOptions options)
    : path_(std::move(path)), options_(options) {}

absl::StatusOr<topology::ClusterMap> FileStore::Read() {
  return ReadMap(path_);
}

absl::Status FileStore::Create(const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  if (map.epoch != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("cluster map: the first map's epoch is ", map.epoch, ", must be 1"));
  }
  QC_ASSIGN_OR_RETURN(const FileLock lock,
                      FileLock::Acquire(path_ + ".lock", options_.lock_timeout));
  // Whatever is there stays there, a damaged map included.
  if (!FileSignature(path_).empty()) {
    return absl::AlreadyExistsError(
        absl::StrCat("topology file ", path_, ": there is a map already; nothing was changed"));
  }
  return ReplaceFile(path_, EncodeMapFile(map));
}

absl::Status FileStore::CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  QC_ASSIGN_OR_RETURN(const FileLock lock,
                      FileLock::Acquire(path_ + ".lock", options_.lock_timeout));
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap present, ReadMap(path_));
  if (present.epoch != expected_epoch) {
    return absl::AbortedError(absl::StrCat("topology file ", path_, ": the map is at epoch ",
                                           present.epoch, ", the change was made from ",
                                           expected_epoch, "; nothing was changed"));
  }
  QC_RETURN_IF_ERROR(topology::ValidateSuccessor(present, map));
  return ReplaceFile(path_, EncodeMapFile(map));
}

absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> FileStore::Watch(
    topology::TopologyCallback callback) {
  auto reporter = std::make_shared<Reporter>(path_, std::move(callback));
  QC_ASSIGN_OR_RETURN(
      std::unique_ptr<topology::TopologyWatch> watch,
      FileWatch::Start(path_, options_.recheck_interval, [reporter] { reporter->Look(); }));
  return watch;
}

}  // namespace quorumcache::topology_file
