// SPDX-License-Identifier: Apache-2.0
// The bytes of a cluster map, as a topology file and as every other place where one is kept.
//
//   quorumcache-cluster-map 1 length=28113 crc32c=0a1b2c3d\n
//   {"cluster_id":"demo","epoch":"7",...}\n
//
// One header line: magic, format number, and length and CRC-32C of all that follows it. Then the
// map as JSON (map_json.h), which people and jq can read. The checksum is there to
// find torn files and to keep hands off: an edit that nobody compares against the epoch could give
// two processes different maps under one number.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology_base {

// Requires: `map` is valid.
std::string EncodeMapDocument(const topology::ClusterMap& map);

// DATA_LOSS: not what EncodeMapDocument wrote; the message names `place` ("topology file X"), what
// is wrong and what to do.
absl::StatusOr<topology::ClusterMap> DecodeMapDocument(absl::string_view bytes,
                                                       absl::string_view place);

// The error above, for what is wrong before there are bytes to decode.
absl::Status DamagedMapError(absl::string_view place, absl::string_view what);

}  // namespace quorumcache::topology_base
