// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/map_reporter.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace quorumcache::topology_base {
namespace {

// A store that is away says so in other words each time (another endpoint, another address).
bool IsSameFailure(const absl::Status& one, const absl::Status& other) {
  return one == other || (absl::IsUnavailable(one) && absl::IsUnavailable(other));
}

}  // namespace

// Every map of a store's own making has a new and higher epoch.
absl::StatusOr<topology::ClusterMap> MapReporter::CheckOrder(topology::ClusterMap map) const {
  if (map.epoch > last_map_.epoch || map == last_map_) return map;
  return absl::DataLossError(
      map.epoch < last_map_.epoch
          ? absl::StrCat(place_, ": its epoch went back from ", last_map_.epoch, " to ", map.epoch,
                         "; an old copy was put back over a newer map")
          : absl::StrCat(place_, ": it has changed, and its epoch is still ", map.epoch,
                         "; somebody else than this program wrote it"));
}

bool MapReporter::Report(absl::StatusOr<topology::ClusterMap> map) {
  if (map.ok()) map = CheckOrder(*std::move(map));
  if (!map.ok()) {
    if (IsSameFailure(map.status(), last_failure_)) return false;
    last_failure_ = map.status();
    callback_(last_failure_);
    return false;
  }
  freshness_.Confirm();
  const bool was_failing = !std::exchange(last_failure_, absl::OkStatus()).ok();
  if (map->epoch == last_map_.epoch && !was_failing) return true;
  last_map_ = *map;
  callback_(map);
  return true;
}

}  // namespace quorumcache::topology_base
