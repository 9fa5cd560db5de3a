// SPDX-License-Identifier: Apache-2.0
// Batch: many operations submitted at once, answered together.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// Submits every request and calls `done` once, with the responses in the order of the requests,
// when the last has come; on the thread that it came on. Values beyond limits::kBatchSizeBytesMax
// together are dropped as they come: their keys get the error BATCH_TOO_LARGE. Requires: at least
// one request.
void SubmitBatch(service::CacheBackend& backend, std::vector<service::CacheRequest> requests,
                 std::function<void(std::vector<service::CacheResponse>)> done);

}  // namespace quorumcache::gateway
