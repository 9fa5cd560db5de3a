// SPDX-License-Identifier: Apache-2.0
// The cluster map as JSON: what a map document holds (map_document.h).
//
// It names nodes by id and the C++ value by index, so that neither depends on the other's needs.
// Everything that comes in is checked (topology::Validate): it may be from another version, a
// damaged file or a hand that meant well. Every process reads every map while a change is under
// way, so this is written for little work (docs/adr/0026).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology_base {

// One line without a newline, the same for equal maps. 64-bit numbers are strings, as not every
// reader of JSON keeps 64 bits; members with the value that a reader takes for a missing one (0,
// false, "", []) are left out. Requires: `map` is valid.
std::string ToJson(const topology::ClusterMap& map);

// INVALID_ARGUMENT: not JSON, a member we do not know, or not a valid map, and why.
absl::StatusOr<topology::ClusterMap> FromJson(absl::string_view json);

}  // namespace quorumcache::topology_base
