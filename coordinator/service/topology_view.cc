// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/topology_view.h"

#include <utility>

#include "common/base/check.h"

namespace quorumcache::service {

TopologyView::TopologyView(topology::ClusterMap map, std::vector<LinkId> links,
                           absl::string_view local_zone)
    : map_(std::move(map)), ring_(map_, local_zone), links_(std::move(links)) {
  QC_CHECK(links_.size() == map_.nodes.size());
  for (const topology::Namespace& one : map_.namespaces) {
    namespaces_.emplace(one.name, one.default_consistency);
  }
}

model::Consistency TopologyView::DefaultConsistency(absl::string_view name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? model::Consistency::kUnspecified : found->second;
}

}  // namespace quorumcache::service
