// SPDX-License-Identifier: Apache-2.0
// FakeBackend: a CacheBackend in memory that answers from a thread of its own, as the real one
// does.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "coordinator/service/cache_backend.h"

namespace quorumcache::gateway {

// Thread-safe. Time stands still at kNowMs.
class FakeBackend final : public service::CacheBackend {
 public:
  static constexpr uint64_t kNowMs = 1'800'000'000'000;

  FakeBackend();
  ~FakeBackend() override;

  void Submit(service::CacheRequest request,
              std::function<void(service::CacheResponse)> done) override;
  void Scan(service::ScanRequest request, std::function<void(service::ScanPage)> done) override;
  void Locate(std::string namespace_name, std::string key,
              std::function<void(service::KeyLocation)> done) override;
  void DescribeCluster(std::function<void(service::ClusterView)> done) override;
  void ReadSlowLog(service::SlowLogRequest request,
                   std::function<void(service::SlowLogView)> done) override;
  bool Ready(std::vector<std::string>* details) override;

  // Every request from now on fails like this; an error that is ok() ends that.
  void FailWith(service::CacheError error);
  void SetReady(bool ready);
  // Of every operation so far.
  std::vector<service::CacheRequest> requests();
  service::CacheRequest last_request() { return requests().back(); }
  service::ScanRequest last_scan();
  service::SlowLogRequest last_slow_log();

 private:
  struct Entry {
    std::string value;
    std::string content_type;
    std::string etag;
    uint64_t expire_at_ms = 0;
  };
  using EntryMap = std::map<std::pair<std::string, std::string>, Entry>;

  void Post(std::function<void()> work);
  void Run();
  service::CacheResponse Execute(const service::CacheRequest& request);
  service::CacheResponse Apply(const service::CacheRequest& request, uint64_t expire_at_ms,
                               EntryMap::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  service::CacheResponse Write(const service::CacheRequest& request, std::string value,
                               uint64_t expire_at_ms) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string NextEtag() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ready_ ABSL_GUARDED_BY(mutex_) = true;
  uint64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  EntryMap entries_ ABSL_GUARDED_BY(mutex_);
  service::CacheError failure_ ABSL_GUARDED_BY(mutex_);
  std::vector<service::CacheRequest> requests_ ABSL_GUARDED_BY(mutex_);
  service::ScanRequest last_scan_ ABSL_GUARDED_BY(mutex_);
  service::SlowLogRequest last_slow_log_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace quorumcache::gateway
