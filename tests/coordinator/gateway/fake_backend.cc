// SPDX-License-Identifier: Apache-2.0
#include "tests/coordinator/gateway/fake_backend.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/model/key.h"

namespace quorumcache::gateway {
namespace {

using service::CacheError;
using service::CacheRequest;
using service::CacheResponse;
using service::ConditionKind;
using service::OperationKind;

CacheResponse Refused(absl::StatusCode code, const char* reason, std::string message) {
  CacheResponse response;
  response.error.code = code;
  response.error.reason = reason;
  response.error.message = std::move(message);
  return response;
}

// The expiry, or the error in `refused`.
uint64_t ExpiryOf(const CacheRequest& request, std::optional<CacheResponse>& refused) {
  if (request.expiration.kind == service::Expiration::Kind::kNever) return 0;
  const int64_t ttl_ms = request.expiration.millis;
  if (ttl_ms <= 0 || ttl_ms > limits::kTtlSecondsMax * 1000) {
    refused = Refused(absl::StatusCode::kInvalidArgument, "TTL_INVALID", "bad ttl");
  }
  return FakeBackend::kNowMs + static_cast<uint64_t>(ttl_ms);
}

std::optional<CacheResponse> Check(const CacheRequest& request) {
  const absl::Status key = model::ValidateKeyBytes(request.key);
  if (!key.ok()) {
    return Refused(absl::StatusCode::kInvalidArgument, "KEY_INVALID", std::string(key.message()));
  }
  if (request.value.size() > limits::kValueSizeBytesMaxDefault) {
    return Refused(absl::StatusCode::kInvalidArgument, "VALUE_TOO_LARGE", "too large");
  }
  if (request.kind == OperationKind::kIncrement && request.request_id.empty()) {
    return Refused(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REQUIRED", "needs an id");
  }
  return std::nullopt;
}

// Whether the condition lets the write through; `etag` of the present value, null when there is
// none.
std::optional<CacheResponse> CheckCondition(const CacheRequest& request, const std::string* etag) {
  ConditionKind condition = request.condition;
  if (request.kind == OperationKind::kCompareAndSet) condition = ConditionKind::kIfEtag;
  if (condition == ConditionKind::kNone) return std::nullopt;
  if (condition == ConditionKind::kIfAbsent) {
    if (etag == nullptr) return std::nullopt;
    CacheResponse refused = Refused(absl::StatusCode::kFailedPrecondition, "KEY_EXISTS", "exists");
    refused.error.metadata["etag"] = *etag;
    return refused;
  }
  if (etag == nullptr) {
    return Refused(absl::StatusCode::kFailedPrecondition, "KEY_NOT_FOUND", "no value");
  }
  if (condition == ConditionKind::kIfPresent || request.etag == *etag) return std::nullopt;
  CacheResponse refused =
      Refused(absl::StatusCode::kFailedPrecondition, "ETAG_MISMATCH", "changed");
  refused.error.metadata["etag"] = *etag;
  return refused;
}

}  // namespace

FakeBackend::FakeBackend() : thread_([this] { Run(); }) {}

FakeBackend::~FakeBackend() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void FakeBackend::Post(std::function<void()> work) {
  {
    base::MutexLock lock(mutex_);
    queue_.push_back(std::move(work));
  }
  changed_.NotifyAll();
}

void FakeBackend::Run() {
  for (;;) {
    std::function<void()> work;
    {
      base::MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

void FakeBackend::Submit(CacheRequest request, std::function<void(CacheResponse)> done) {
  Post([this, request = std::move(request), done = std::move(done)] { done(Execute(request)); });
}

CacheResponse FakeBackend::Execute(const CacheRequest& request) {
  base::MutexLock lock(mutex_);
  requests_.push_back(request);
  CacheResponse failed;
  failed.error = failure_;
  if (!failed.error.ok()) return failed;
  std::optional<CacheResponse> refused = Check(request);
  const uint64_t expire_at_ms = ExpiryOf(request, refused);
  if (refused.has_value()) return *refused;
  const auto entry = entries_.find({request.namespace_name, request.key});
  refused = CheckCondition(request, entry == entries_.end() ? nullptr : &entry->second.etag);
  return refused.has_value() ? *refused : Apply(request, expire_at_ms, entry);
}

CacheResponse FakeBackend::Apply(const CacheRequest& request, uint64_t expire_at_ms,
                                 EntryMap::iterator entry) {
  const bool found = entry != entries_.end();
  CacheResponse response;
  response.found = found;
  switch (request.kind) {
    case OperationKind::kDelete:
      response.replaced = found;
      if (found) entries_.erase(entry);
      return response;
    case OperationKind::kSet:
    case OperationKind::kCompareAndSet:
      return Write(request, request.value, expire_at_ms);
    case OperationKind::kIncrement: {
      int64_t number = request.initial;
      if (found && !absl::SimpleAtoi(entry->second.value, &number)) {
        return Refused(absl::StatusCode::kFailedPrecondition, "NOT_AN_INTEGER", "not a number");
      }
      response = Write(request, absl::StrCat(number + request.delta), expire_at_ms);
      response.number = number + request.delta;
      return response;
    }
    case OperationKind::kTouch:
    case OperationKind::kGet:
      break;
  }
  if (!found) return response;
  if (request.kind == OperationKind::kTouch) {
    entry->second.expire_at_ms = expire_at_ms;
    entry->second.etag = NextEtag();
  }
  response.value = entry->second.value;
  response.content_type = entry->second.content_type;
  response.etag = entry->second.etag;
  response.expire_at_ms = entry->second.expire_at_ms;
  return response;
}

CacheResponse FakeBackend::Write(const CacheRequest& request, std::string value,
                                 uint64_t expire_at_ms) {
  CacheResponse response;
  response.etag = NextEtag();
  response.expire_at_ms = expire_at_ms;
  const auto [entry, created] = entries_.insert_or_assign(
      {request.namespace_name, request.key}, Entry{.value = std::move(value),
                                                   .content_type = request.content_type,
                                                   .etag = response.etag,
                                                   .expire_at_ms = expire_at_ms});
  response.replaced = !created;
  return response;
}

std::string FakeBackend::NextEtag() {
  return absl::StrCat("1.", absl::Hex(++writes_), ".a");
}

void FakeBackend::Scan(service::ScanRequest request, std::function<void(service::ScanPage)> done) {
  Post([this, request = std::move(request), done = std::move(done)] {
    service::ScanPage page;
    {
      base::MutexLock lock(mutex_);
      last_scan_ = request;
      page.error = failure_;
      for (const auto& [id, entry] : entries_) {
        if (!page.error.ok() || id.first != request.namespace_name ||
            !absl::StartsWith(id.second, request.prefix) || id.second <= request.page_token) {
          continue;
        }
        if (page.entries.size() == request.page_size) {
          page.next_page_token = page.entries.back().key;
          break;
        }
        page.entries.push_back({.key = id.second,
                                .value = request.include_values ? entry.value : "",
                                .content_type = entry.content_type,
                                .etag = entry.etag,
                                .expire_at_ms = entry.expire_at_ms});
      }
    }
    done(std::move(page));
  });
}

void FakeBackend::Locate(std::string namespace_name, std::string key,
                         std::function<void(service::KeyLocation)> done) {
  Post([this, namespace_name = std::move(namespace_name), key = std::move(key),
        done = std::move(done)] {
    service::KeyLocation location;
    location.token = 0xfedcba9876543210;
    location.partition = 254;
    location.partition_epoch = 7;
    location.replicas.push_back({.node_id = "n1",
                                 .address = "127.0.0.1:7400",
                                 .zone = "a",
                                 .found = true,
                                 .etag = "1.2.3",
                                 .expire_at_ms = kNowMs,
                                 .value_size_bytes = key.size()});
    location.replicas.push_back({.node_id = "n2", .error = "connection refused"});
    {
      base::MutexLock lock(mutex_);
      location.error = failure_;
    }
    done(std::move(location));
  });
}

void FakeBackend::DescribeCluster(std::function<void(service::ClusterView)> done) {
  Post([done = std::move(done)] {
    service::ClusterView view;
    view.cluster_id = "c-1";
    view.epoch = 12;
    view.replication_factor = 3;
    view.nodes.push_back({.id = "n1",
                          .address = "127.0.0.1:7400",
                          .zone = "a",
                          .weight = 100,
                          .incarnation = 0xffffffffffffffff,
                          .up = true,
                          .partition_count = 256});
    view.partitions.push_back({.epoch = 3, .slots = {{.nodes = {"n1"}, .vacant = false}}});
    view.namespaces.push_back({.name = "default"});
    done(std::move(view));
  });
}

void FakeBackend::ReadSlowLog(service::SlowLogRequest request,
                              std::function<void(service::SlowLogView)> done) {
  Post([this, request, done = std::move(done)] {
    {
      base::MutexLock lock(mutex_);
      last_slow_log_ = request;
    }
    service::SlowLogView view{"c1", absl::Milliseconds(100), 7, {}};
    view.operations.push_back({.ended_at_ms = kNowMs,
                               .operation = "set",
                               .namespace_name = "default",
                               .key = "user:123...(34 bytes)",
                               .token = 0xfedcba9876543210,
                               .consistency = model::Consistency::kAll,
                               .duration = absl::Milliseconds(1500),
                               .rounds = 2,
                               .reason = "OUTCOME_UNKNOWN",
                               .outcome_unknown = true,
                               .required = 3,
                               .responded = 2,
                               .awaited_nodes = {"n2"},
                               .peer = "127.0.0.1:5",
                               .request_id = "r-1"});
    view.operations.push_back({.operation = "scan"});
    done(std::move(view));
  });
}

bool FakeBackend::Ready(std::vector<std::string>* details) {
  base::MutexLock lock(mutex_);
  details->push_back(ready_ ? "map: epoch 12" : "map: none yet");
  return ready_;
}

void FakeBackend::FailWith(CacheError error) {
  base::MutexLock lock(mutex_);
  failure_ = std::move(error);
}

void FakeBackend::SetReady(bool ready) {
  base::MutexLock lock(mutex_);
  ready_ = ready;
}

std::vector<CacheRequest> FakeBackend::requests() {
  base::MutexLock lock(mutex_);
  return requests_;
}

service::SlowLogRequest FakeBackend::last_slow_log() {
  base::MutexLock lock(mutex_);
  return last_slow_log_;
}

service::ScanRequest FakeBackend::last_scan() {
  base::MutexLock lock(mutex_);
  return last_scan_;
}

}  // namespace quorumcache::gateway
