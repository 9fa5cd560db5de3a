// SPDX-License-Identifier: Apache-2.0
// What a storage node says over HTTP: /metrics, /livez, /readyz.
#pragma once

#include "common/http/router.h"
#include "common/metrics/registry.h"
#include "storage_node/service/node_status.h"

namespace quorumcache::node_service {

// /livez: 200 as long as the process answers. /readyz: 200 or 503 and one line a fact; facts of
// this node alone. All three outlive the server.
void AddNodeRoutes(const metrics::Registry& registry, const NodeStatus& status,
                   http::Router* router);

}  // namespace quorumcache::node_service
