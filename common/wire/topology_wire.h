// SPDX-License-Identifier: Apache-2.0
// The cluster map as protobuf and as JSON.
//
// The protobuf form names nodes by id and the C++ value by index, so that neither depends on the
// other's needs. Everything that comes in is checked (topology::Validate): it may be from another
// version, a damaged file or a hand that meant well.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"
#include "quorumcache/internal/v1/topology.pb.h"

namespace quorumcache::wire {

// Requires: `map` is valid.
internal::v1::ClusterMap ToProto(const topology::ClusterMap& map);
// INVALID_ARGUMENT: not a valid map, and why.
absl::StatusOr<topology::ClusterMap> FromProto(const internal::v1::ClusterMap& proto);

// One line of JSON without a newline, the same for equal maps (protobuf's JSON mapping: 64-bit
// numbers are strings, defaults are left out). Requires: `map` is valid.
std::string ToJson(const topology::ClusterMap& map);
// INVALID_ARGUMENT: not JSON, a field we do not know, or not a valid map, and why.
absl::StatusOr<topology::ClusterMap> FromJson(absl::string_view json);

}  // namespace quorumcache::wire
