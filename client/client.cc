// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <utility>

#include "client/caller.h"
#include "client/request_id.h"
#include "common/base/status_macros.h"

namespace quorumcache::client {
namespace {

using Cache = v1::CacheService::Stub;
using Cluster = v1::ClusterService::Stub;

template <typename Request>
void EnsureRequestId(Request& request) {
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
}

bool IsConditional(const v1::SetRequest& request) {
  return request.condition_case() != v1::SetRequest::CONDITION_NOT_SET ||
         request.return_previous() || request.keep_ttl();
}

bool IsConditional(const v1::DeleteRequest& request) {
  return request.condition_case() != v1::DeleteRequest::CONDITION_NOT_SET ||
         request.return_previous();
}

}  // namespace

// The state lives behind a pointer so that users need not compile gRPC's headers.
class Client::Impl {
 public:
  explicit Impl(ClientOptions options) : caller(std::move(options)) {}
  Caller caller;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

absl::StatusOr<std::optional<std::string>> Client::Find(absl::string_view key) {
  v1::GetRequest request;
  request.set_key(std::string(key));
  QC_ASSIGN_OR_RETURN(v1::GetResponse response, Get(request));
  if (!response.found()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(*response.mutable_value()));
}

absl::Status Client::Put(absl::string_view key, absl::string_view value, absl::Duration ttl) {
  v1::SetRequest request;
  request.set_key(std::string(key));
  request.set_value(std::string(value));
  if (ttl != absl::InfiniteDuration()) {
    absl::Duration rest;
    request.mutable_ttl()->set_seconds(absl::IDivDuration(ttl, absl::Seconds(1), &rest));
    request.mutable_ttl()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }
  return Set(std::move(request)).status();
}

absl::Status Client::Remove(absl::string_view key) {
  v1::DeleteRequest request;
  request.set_key(std::string(key));
  return Delete(std::move(request)).status();
}

absl::StatusOr<v1::GetResponse> Client::Get(const v1::GetRequest& request) {
  return impl_->caller.Read<v1::GetResponse>(&Cache::Get, request);
}

absl::StatusOr<v1::SetResponse> Client::Set(v1::SetRequest request) {
  if (IsConditional(request)) EnsureRequestId(request);
  return impl_->caller.Write<v1::SetResponse>(&Cache::Set, std::move(request));
}

absl::StatusOr<v1::DeleteResponse> Client::Delete(v1::DeleteRequest request) {
  if (IsConditional(request)) EnsureRequestId(request);
  return impl_->caller.Write<v1::DeleteResponse>(&Cache::Delete, std::move(request));
}

absl::StatusOr<v1::TouchResponse> Client::Touch(v1::TouchRequest request) {
  EnsureRequestId(request);
  return impl_->caller.Write<v1::TouchResponse>(&Cache::Touch, std::move(request));
}

absl::StatusOr<v1::IncrementResponse> Client::Increment(v1::IncrementRequest request) {
  EnsureRequestId(request);
  return impl_->caller.Write<v1::IncrementResponse>(&Cache::Increment, std::move(request));
}

absl::StatusOr<v1::CompareAndSetResponse> Client::CompareAndSet(v1::CompareAndSetRequest request) {
  EnsureRequestId(request);
  return impl_->caller.Write<v1::CompareAndSetResponse>(&Cache::CompareAndSet, std::move(request));
}

absl::StatusOr<v1::MultiGetResponse> Client::MultiGet(const v1::MultiGetRequest& request) {
  return impl_->caller.Read<v1::MultiGetResponse>(&Cache::MultiGet, request);
}

absl::StatusOr<v1::MultiSetResponse> Client::MultiSet(const v1::MultiSetRequest& request) {
  return impl_->caller.Write<v1::MultiSetResponse>(&Cache::MultiSet, request);
}

absl::StatusOr<v1::MultiDeleteResponse> Client::MultiDelete(const v1::MultiDeleteRequest& request) {
  return impl_->caller.Write<v1::MultiDeleteResponse>(&Cache::MultiDelete, request);
}

absl::Status Client::Scan(const v1::ScanRequest& request,
                          const std::function<bool(const v1::ScanEntry&)>& visit) {
  return impl_->caller.Scan(request, visit);
}

absl::StatusOr<v1::GetClusterMapResponse> Client::GetClusterMap() {
  return impl_->caller.Read<v1::GetClusterMapResponse>(&Cluster::GetClusterMap,
                                                       v1::GetClusterMapRequest());
}

absl::StatusOr<v1::LocateKeyResponse> Client::LocateKey(const v1::LocateKeyRequest& request) {
  return impl_->caller.Read<v1::LocateKeyResponse>(&Cluster::LocateKey, request);
}

absl::StatusOr<v1::PlanChangeResponse> Client::PlanChange(const v1::PlanChangeRequest& request) {
  return impl_->caller.Read<v1::PlanChangeResponse>(&Cluster::PlanChange, request);
}

absl::StatusOr<v1::CommitChangeResponse> Client::CommitChange(v1::CommitChangeRequest request) {
  return impl_->caller.Write<v1::CommitChangeResponse>(&Cluster::CommitChange, std::move(request));
}

absl::StatusOr<v1::AbortChangeResponse> Client::AbortChange(v1::AbortChangeRequest request) {
  return impl_->caller.Write<v1::AbortChangeResponse>(&Cluster::AbortChange, std::move(request));
}

absl::StatusOr<v1::GetRebalanceResponse> Client::GetRebalance() {
  return impl_->caller.Read<v1::GetRebalanceResponse>(&Cluster::GetRebalance,
                                                      v1::GetRebalanceRequest());
}

absl::Status Client::WatchCluster(
    const std::function<bool(const v1::WatchClusterResponse&)>& visit) {
  return impl_->caller.WatchCluster(visit);
}

absl::StatusOr<v1::ReadSlowLogResponse> Client::ReadSlowLog(size_t endpoint,
                                                            const v1::ReadSlowLogRequest& request) {
  return impl_->caller.ReadSlowLog(endpoint, request);
}

absl::Status Client::CheckHealth(size_t endpoint) {
  return impl_->caller.CheckHealth(endpoint);
}

}  // namespace quorumcache::client
