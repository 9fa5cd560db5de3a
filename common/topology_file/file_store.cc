// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"
#include "common/topology_base/map_document.h"
#include "common/topology_base/map_reporter.h"
#include "common/topology_base/store_rules.h"
#include "common/topology_file/file_io.h"
#include "common/topology_file/file_lease.h"
#include "common/topology_file/file_lock.h"
#include "common/topology_file/file_watch.h"

namespace quorumcache::topology_file {
namespace {

std::string PlaceOf(const std::string& path) {
  return absl::StrCat("topology file ", path);
}

absl::StatusOr<topology::ClusterMap> ReadMap(const std::string& path) {
  QC_ASSIGN_OR_RETURN(const std::string bytes,
                      ReadWholeFile(path, limits::kClusterMapSizeBytesMax));
  return topology_base::DecodeMapDocument(bytes, PlaceOf(path));
}

class MapWatch : public topology::TopologyWatch {
 public:
  MapWatch(std::string path, topology::TopologyCallback callback)
      : path_(std::move(path)), reporter_(PlaceOf(path_), std::move(callback)) {}

  absl::Status Start(absl::Duration recheck_interval) {
    QC_ASSIGN_OR_RETURN(watch_, FileWatch::Start(path_, recheck_interval,
                                                 {.look = [this] { return Look(); },
                                                  .unchanged = [this] { reporter_.Confirm(); }}));
    return absl::OkStatus();
  }
  absl::Duration Age() const override { return reporter_.Age(); }

 private:
  bool Look() { return reporter_.Report(ReadMap(path_)); }

  const std::string path_;
  topology_base::MapReporter reporter_;
  // Last: its thread uses the others.
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace

FileStore::FileStore(std::string path, FileStoreOptions options)
    : path_(std::move(path)), options_(options) {}

absl::StatusOr<topology::ClusterMap> FileStore::Read() {
  return ReadMap(path_);
}

absl::Status FileStore::Create(const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  QC_ASSIGN_OR_RETURN(const FileLock lock,
                      FileLock::Acquire(path_ + ".lock", options_.lock_timeout));
  // Whatever is there stays there, a damaged map included.
  if (!FileSignature(path_).empty()) {
    return absl::AlreadyExistsError(
        absl::StrCat("topology file ", path_, ": there is a map already; nothing was changed"));
  }
  return ReplaceFile(path_, topology_base::EncodeMapDocument(map));
}

absl::Status FileStore::CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  QC_ASSIGN_OR_RETURN(const FileLock lock,
                      FileLock::Acquire(path_ + ".lock", options_.lock_timeout));
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap present, ReadMap(path_));
  QC_RETURN_IF_ERROR(topology_base::CheckChange(present, expected_epoch, map, PlaceOf(path_)));
  return ReplaceFile(path_, topology_base::EncodeMapDocument(map));
}

absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> FileStore::Watch(
    topology::TopologyCallback callback) {
  auto watch = std::make_unique<MapWatch>(path_, std::move(callback));
  QC_RETURN_IF_ERROR(watch->Start(options_.recheck_interval));
  return watch;
}

absl::StatusOr<std::unique_ptr<topology::TopologyLease>> FileStore::TryAcquireLease(
    absl::string_view holder) {
  QC_RETURN_IF_ERROR(topology_base::CheckLeaseHolder(holder));
  QC_ASSIGN_OR_RETURN(const FileLock lock,
                      FileLock::Acquire(path_ + ".lock", options_.lock_timeout));
  return FileLease::TryAcquire(path_ + ".lease", holder, options_.lease_ttl);
}

}  // namespace quorumcache::topology_file
