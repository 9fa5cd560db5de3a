// SPDX-License-Identifier: Apache-2.0
#include "coordinator/gateway/batch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"

namespace quorumcache::gateway {
namespace {

using service::CacheResponse;

CacheResponse TooLarge() {
  CacheResponse response;
  response.error.code = absl::StatusCode::kResourceExhausted;
  response.error.reason = "BATCH_TOO_LARGE";
  response.error.message =
      absl::StrCat("the values of this batch are more than ", limits::kBatchSizeBytesMax,
                   " bytes together; this one was left out: get it in another batch");
  return response;
}

// Shared by the callbacks. Thread-safe: they may come on any thread.
class Gathering {
 public:
  Gathering(size_t count, std::function<void(std::vector<CacheResponse>)> done)
      : responses_(count), missing_(count), done_(std::move(done)) {}

  void Take(size_t index, CacheResponse response) {
    {
      base::MutexLock lock(mutex_);
      bytes_ += response.value.size();
      if (bytes_ > limits::kBatchSizeBytesMax) {
        bytes_ -= response.value.size();
        response = TooLarge();
      }
      responses_[index] = std::move(response);
      if (--missing_ > 0) return;
    }
    // The last one: nobody else has a hand on them any more.
    done_(TakeAll());
  }

 private:
  std::vector<CacheResponse> TakeAll() {
    base::MutexLock lock(mutex_);
    return std::move(responses_);
  }

  base::Mutex mutex_;
  std::vector<CacheResponse> responses_ ABSL_GUARDED_BY(mutex_);
  size_t missing_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  const std::function<void(std::vector<CacheResponse>)> done_;
};

}  // namespace

void SubmitBatch(service::CacheBackend& backend, std::vector<service::CacheRequest> requests,
                 std::function<void(std::vector<CacheResponse>)> done) {
  QC_CHECK(!requests.empty());
  auto gathering = std::make_shared<Gathering>(requests.size(), std::move(done));
  for (size_t i = 0; i < requests.size(); ++i) {
    backend.Submit(std::move(requests[i]), [gathering, i](CacheResponse response) {
      gathering->Take(i, std::move(response));
    });
  }
}

}  // namespace quorumcache::gateway
