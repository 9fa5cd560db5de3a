// SPDX-License-Identifier: Apache-2.0
// The bytes of a topology file.
//
//   quorumcache-cluster-map 1 length=28113 crc32c=0a1b2c3d\n
//   {"cluster_id":"demo","epoch":"7",...}\n
//
// One header line: magic, format number, and length and CRC-32C of all that follows it. Then the
// map as JSON (common/wire/topology_wire.h), which people and jq can read. The checksum is there to
// find torn files and to keep hands off: an edit that nobody compares against the epoch could give
// two processes different maps under one number.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology_file {

// Requires: `map` is valid.
std::string EncodeMapFile(const topology::ClusterMap& map);

// DATA_LOSS: not what EncodeMapFile wrote; the message names `path`, what is wrong and what to do.
absl::StatusOr<topology::ClusterMap> DecodeMapFile(absl::string_view bytes, absl::string_view path);

}  // namespace quorumcache::topology_file
