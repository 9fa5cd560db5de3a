// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/store_rules.h"

#include "absl/strings/str_cat.h"
#include "common/topology/validate.h"

namespace quorumcache::topology_base {
namespace {

constexpr size_t kHolderSizeBytesMax = 256;

}  // namespace

absl::Status CheckChange(const topology::ClusterMap& present, uint64_t expected_epoch,
                         const topology::ClusterMap& map, absl::string_view place) {
  if (present.epoch != expected_epoch) {
    return absl::AbortedError(absl::StrCat(place, ": the map is at epoch ", present.epoch,
                                           ", the change was made from ", expected_epoch,
                                           "; nothing was changed"));
  }
  return topology::ValidateSuccessor(present, map);
}

absl::Status CheckLeaseHolder(absl::string_view holder) {
  if (holder.empty() || holder.size() > kHolderSizeBytesMax ||
      holder.find_first_of("\n\r") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("topology lease: the holder's name must be one line of 1 to ",
                     kHolderSizeBytesMax, " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::topology_base
