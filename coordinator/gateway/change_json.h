// SPDX-License-Identifier: Apache-2.0
// Topology changes as JSON: the words of quorumcache/v1/cluster.proto.
#pragma once

#include <optional>

#include "common/json/json.h"
#include "coordinator/service/cluster_admin.h"

namespace quorumcache::gateway {

// {"epoch": 7, "add": [{"address", "zone", "weight", "id"}], "drain": ["n4"], "remove": ["n4"],
//  "replace": [{"dead", "address", "zone", "weight", "id"}], "weights": {"n1": 200},
//  "zones": {"n1": "b"}}; `epoch` stays empty where it is left out.
[[nodiscard]] bool ReadChange(const boost::json::object& body, service::ClusterChange& change,
                              std::optional<uint64_t>& epoch, service::CacheError& error);
[[nodiscard]] bool ReadEpoch(const boost::json::object& body, std::optional<uint64_t>& epoch,
                             service::CacheError& error);

boost::json::object PlanJson(const service::ChangePlan& plan);
boost::json::object RebalanceJson(const service::RebalanceView& view);
boost::json::object EventJson(const service::ClusterEvent& event);

}  // namespace quorumcache::gateway
