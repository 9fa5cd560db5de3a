// SPDX-License-Identifier: Apache-2.0
// quorumcache.v1 cluster messages from the views of CacheBackend.
#pragma once

#include "coordinator/service/cache_backend.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::service {

// Each fills a cleared message.
void FillMessage(const ClusterView& view, v1::GetClusterMapResponse& message);
// Requires: location.error.ok().
void FillMessage(const KeyLocation& location, v1::LocateKeyResponse& message);
void FillMessage(const SlowLogView& view, v1::ReadSlowLogResponse& message);

}  // namespace quorumcache::service
