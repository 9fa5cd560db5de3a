// SPDX-License-Identifier: Apache-2.0
// The value that etcd keeps: the map's document (common/topology_base/map_document.h), as it is
// while it is small, and in .xz form when it is not. `etcdctl get --print-value-only KEY | xz -dcf`
// shows either.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology_etcd {

// etcd refuses requests above 1.5 MiB (--max-request-bytes); a little of that is for the rest of
// the request.
inline constexpr size_t kMapValueSizeBytesMax = (size_t{3} << 19) - 16 * 1024;

// INVALID_ARGUMENT: the map does not fit, and what to do. Requires: `map` is valid.
absl::StatusOr<std::string> EncodeMapValue(const topology::ClusterMap& map,
                                           size_t size_bytes_max = kMapValueSizeBytesMax);

// DATA_LOSS: not what EncodeMapValue made; see DecodeMapDocument.
absl::StatusOr<topology::ClusterMap> DecodeMapValue(absl::string_view value,
                                                    absl::string_view place);

}  // namespace quorumcache::topology_etcd
