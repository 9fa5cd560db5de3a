// SPDX-License-Identifier: Apache-2.0
#include "common/topology_stores/last_map_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology_etcd/map_value.h"
#include "common/topology_file/file_io.h"

namespace quorumcache::topology_stores {

absl::Status LastMapStore::Keep(const topology::ClusterMap& map) const {
  QC_ASSIGN_OR_RETURN(const std::string value, topology_etcd::EncodeMapValue(map));
  return topology_file::ReplaceFile(path_, value);
}

absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> LastMapStore::Watch(
    topology::TopologyCallback callback) {
  return store_.Watch(
      [this, callback = std::move(callback), kept_epoch = uint64_t{0}](const auto& map) mutable {
        callback(map);
        if (!map.ok() || map->epoch == kept_epoch) return;
        const absl::Status kept = Keep(*map);
        if (kept.ok()) {
          kept_epoch = map->epoch;
        } else {
          report_(kept);
        }
      });
}

absl::StatusOr<topology::ClusterMap> ReadMapFile(const std::string& path) {
  QC_ASSIGN_OR_RETURN(const std::string bytes,
                      topology_file::ReadWholeFile(path, limits::kClusterMapSizeBytesMax));
  return topology_etcd::DecodeMapValue(bytes, absl::StrCat("cluster map ", path));
}

}  // namespace quorumcache::topology_stores
