// SPDX-License-Identifier: Apache-2.0
#include "client/caller.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace quorumcache::client {
namespace {

constexpr char kUnreachable[] = "UNREACHABLE";

}  // namespace

Caller::Caller(ClientOptions options)
    : options_(std::move(options)),
      endpoints_(options_.endpoints, options_.credentials),
      random_(static_cast<uint64_t>(absl::GetCurrentTimeNanos())) {
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    stubs_.push_back({v1::CacheService::NewStub(endpoints_.channel(i)),
                      v1::ClusterService::NewStub(endpoints_.channel(i))});
  }
}

Error Caller::NotServed(size_t endpoint) const {
  return {.code = absl::StatusCode::kUnimplemented,
          .message = absl::StrCat(endpoints_.address(endpoint),
                                  " does not serve this call: it is not a coordinator, or an older "
                                  "one; give the gRPC address of a coordinator"),
          .reason = "NOT_SERVED",
          .outcome = Outcome::kNotApplied};
}

double Caller::JitterFraction() {
  base::MutexLock lock(mutex_);
  return random_.Fraction();
}

Error Caller::Unreachable(size_t endpoint) const {
  return {.code = absl::StatusCode::kUnavailable,
          .message = absl::StrCat("cannot connect to ", endpoints_.address(endpoint)),
          .reason = kUnreachable,
          .outcome = Outcome::kNotApplied};
}

absl::Status Caller::Try(CallKind kind, bool has_request_id, const Attempt& attempt,
                         const UseFirst& use_first) {
  const absl::Time deadline = absl::Now() + options_.timeout;
  size_t endpoint = endpoints_.Next();
  bool may_be_applied = false;
  std::optional<Error> answered;
  for (int attempts = 1;; ++attempts, endpoint = (endpoint + 1) % endpoints_.size()) {
    Error error = endpoints_.Connect(endpoint, deadline) ? attempt(endpoint, deadline)
                                                         : Unreachable(endpoint);
    if (error.code == absl::StatusCode::kOk) return absl::OkStatus();
    // gRPC's own answer, without a word: no service there has such a method.
    if (error.code == absl::StatusCode::kUnimplemented && error.reason.empty()) {
      error = NotServed(endpoint);
    }
    const AfterFailure next = Decide(kind, error, has_request_id);
    if (next == AfterFailure::kRetryWithFirst) {
      use_first(error.Metadata("first"));
      may_be_applied = true;
    }
    // A later attempt that was not applied does not undo an earlier one that may have been.
    if (may_be_applied) error.outcome = Outcome::kUnknown;
    // A cluster that answered and said why tells more than a coordinator that is not there.
    if (error.reason == kUnreachable && answered.has_value()) {
      answered->outcome = may_be_applied ? Outcome::kUnknown : answered->outcome;
      error = *answered;
    }
    // The other endpoints are asked without a pause: they may be well.
    const bool elsewhere = attempts < static_cast<int>(endpoints_.size());
    const absl::Duration delay =
        elsewhere ? absl::ZeroDuration() : RetryDelay(error, attempts, JitterFraction());
    const int attempts_max = std::max(options_.attempts_max, static_cast<int>(endpoints_.size()));
    if (next == AfterFailure::kGiveUp || attempts >= attempts_max ||
        absl::Now() + delay >= deadline) {
      return ToStatus(error);
    }
    if (!error.reason.empty() && error.reason != kUnreachable) answered = error;
    absl::SleepFor(delay);
  }
}

absl::Status Caller::Scan(v1::ScanRequest request,
                          const std::function<bool(const v1::ScanEntry&)>& visit) {
  bool done = false;
  uint32_t left = request.limit();
  // One stretch: reads until the stream ends, and remembers how far it came.
  const Attempt attempt = [&](size_t endpoint, absl::Time deadline) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    auto reader = stubs_[endpoint].cache->Scan(&context, request);
    v1::ScanResponse response;
    while (!done && reader->Read(&response)) {
      for (const v1::ScanEntry& entry : response.entries()) {
        if (done || !visit(entry)) done = true;
        if (!done && request.limit() > 0 && --left == 0) done = true;
      }
      request.set_page_token(response.next_page_token());
    }
    if (done) context.TryCancel();
    const grpc::Status status = reader->Finish();
    return done || status.ok() ? Error() : DecodeError(status);
  };
  std::string token;
  while (true) {
    const absl::Status status = Try(CallKind::kRead, false, attempt, [](const std::string&) {});
    if (status.ok() && (done || request.page_token().empty())) return status;
    // Out of time or luck: go on only if this stretch has brought us further.
    if (request.page_token() == token || done) return status;
    token = request.page_token();
    if (request.limit() > 0) request.set_limit(left);
  }
}

absl::Status Caller::WatchCluster(
    const std::function<bool(const v1::WatchClusterResponse&)>& visit) {
  bool done = false, heard = false;
  // A stretch ends when its coordinator does; only the caller ends the watch.
  const Attempt attempt = [&](size_t endpoint, absl::Time) {
    grpc::ClientContext context;
    auto reader = stubs_[endpoint].cluster->WatchCluster(&context, v1::WatchClusterRequest());
    v1::WatchClusterResponse response;
    while (!done && reader->Read(&response)) {
      heard = true;
      done = !visit(response);
    }
    if (done) context.TryCancel();
    const grpc::Status status = reader->Finish();
    return done ? Error() : DecodeError(status);
  };
  while (true) {
    heard = false;
    const absl::Status status = Try(CallKind::kRead, false, attempt, [](const std::string&) {});
    if (done || !heard) return status;
  }
}

absl::Status Caller::CheckHealth(size_t endpoint) {
  const absl::Time deadline = absl::Now() + options_.timeout;
  if (!endpoints_.Connect(endpoint, deadline)) return ToStatus(Unreachable(endpoint));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(endpoints_.channel(endpoint))
          ->Check(&context, grpc::health::v1::HealthCheckRequest(), &response);
  if (!status.ok()) return ToStatus(DecodeError(status));
  if (response.status() == grpc::health::v1::HealthCheckResponse::SERVING) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(endpoints_.address(endpoint), " is not ready to serve"));
}

absl::StatusOr<v1::ReadSlowLogResponse> Caller::ReadSlowLog(size_t endpoint,
                                                            const v1::ReadSlowLogRequest& request) {
  const absl::Time deadline = absl::Now() + options_.timeout;
  if (!endpoints_.Connect(endpoint, deadline)) return ToStatus(Unreachable(endpoint));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  v1::ReadSlowLogResponse response;
  const grpc::Status status = stubs_[endpoint].cluster->ReadSlowLog(&context, request, &response);
  if (!status.ok()) return ToStatus(DecodeError(status));
  return response;
}

}  // namespace quorumcache::client
