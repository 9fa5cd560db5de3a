// SPDX-License-Identifier: Apache-2.0
// Caller: one logical call as several attempts at several endpoints. The inside of Client.
#pragma once

#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "client/client.h"
#include "client/decode_error.h"
#include "client/endpoints.h"
#include "client/retry.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "quorumcache/v1/cache.grpc.pb.h"
#include "quorumcache/v1/cluster.grpc.pb.h"

namespace quorumcache::client {

// Thread-safe.
class Caller {
 public:
  explicit Caller(ClientOptions options);

  template <typename Response, typename Stub, typename Request>
  absl::StatusOr<Response> Read(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) {
    Request copy(request);
    return Call(CallKind::kRead, method, copy);
  }

  template <typename Response, typename Stub, typename Request>
  absl::StatusOr<Response> Write(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 Request request) {
    return Call(CallKind::kWrite, method, request);
  }

  absl::Status Scan(v1::ScanRequest request,
                    const std::function<bool(const v1::ScanEntry&)>& visit);
  absl::Status WatchCluster(const std::function<bool(const v1::WatchClusterResponse&)>& visit);
  absl::Status CheckHealth(size_t endpoint);
  absl::StatusOr<v1::ReadSlowLogResponse> ReadSlowLog(size_t endpoint,
                                                      const v1::ReadSlowLogRequest& request);

 private:
  struct Stubs {
    std::unique_ptr<v1::CacheService::Stub> cache;
    std::unique_ptr<v1::ClusterService::Stub> cluster;
  };
  // One attempt: fills in an error, or leaves it with the code OK.
  using Attempt = std::function<Error(size_t endpoint, absl::Time deadline)>;
  // Asked before a retry with `first`.
  using UseFirst = std::function<void(const std::string& first)>;

  // What all calls have in common; returns the last error, OK where an attempt went well.
  absl::Status Try(CallKind kind, bool has_request_id, const Attempt& attempt,
                   const UseFirst& use_first);
  Error Unreachable(size_t endpoint) const;
  Error NotServed(size_t endpoint) const;
  double JitterFraction();

  template <typename Response, typename Stub, typename Request>
  absl::StatusOr<Response> Call(CallKind kind,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                Request& request);

  template <typename Stub>
  Stub& StubAt(size_t endpoint) {
    if constexpr (std::is_same_v<Stub, v1::CacheService::Stub>) {
      return *stubs_[endpoint].cache;
    } else {
      return *stubs_[endpoint].cluster;
    }
  }

  const ClientOptions options_;
  Endpoints endpoints_;
  std::vector<Stubs> stubs_;
  base::Mutex mutex_;
  base::Random random_ ABSL_GUARDED_BY(mutex_);
};

template <typename Response, typename Stub, typename Request>
absl::StatusOr<Response> Caller::Call(CallKind kind,
                                      grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                      Request& request) {
  Response response;
  const Attempt attempt = [&](size_t endpoint, absl::Time deadline) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    const grpc::Status status = (StubAt<Stub>(endpoint).*method)(&context, request, &response);
    return status.ok() ? Error() : DecodeError(status);
  };
  bool has_request_id = false;
  UseFirst use_first = [](const std::string&) {};
  if constexpr (requires { request.set_first(std::string()); }) {
    has_request_id = !request.request_id().empty();
    use_first = [&request](const std::string& first) { request.set_first(first); };
  }
  if (absl::Status status = Try(kind, has_request_id, attempt, use_first); !status.ok()) {
    return status;
  }
  return response;
}

}  // namespace quorumcache::client
