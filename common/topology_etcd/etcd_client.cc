// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/rpc/backoff.h"
#include "common/topology_etcd/etcd_error.h"

namespace quorumcache::topology_etcd {
namespace {

using etcdserverpb::KV;
using etcdserverpb::Lease;

// etcd ends a stream at a member that has lost its leader when it is asked to, instead of saying
// nothing (clientv3.WithRequireLeader).
constexpr char kRequireLeaderKey[] = "hasleader";

absl::Status Interrupted() {
  return absl::UnavailableError("etcd: the call was cut short, because this process ends");
}

// False: interrupted. A channel that has failed to connect fails all calls at once until it has
// connected, and gRPC works on that only while somebody waits for it: so this waits for the channel
// instead of sleeping. In slices, because that cannot be interrupted.
bool WaitToRetry(grpc::Channel& channel, absl::Duration delay, Interrupt& interrupt) {
  constexpr absl::Duration kSlice = absl::Milliseconds(50);
  const absl::Time until = absl::Now() + delay;
  while (!interrupt.triggered()) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return true;
    if (channel.GetState(/*try_to_connect=*/true) != GRPC_CHANNEL_TRANSIENT_FAILURE) {
      return interrupt.SleepFor(left);
    }
    channel.WaitForStateChange(GRPC_CHANNEL_TRANSIENT_FAILURE,
                               absl::ToChronoTime(absl::Now() + std::min(left, kSlice)));
  }
  return false;
}

}  // namespace

EtcdClient::EtcdClient(const EtcdUrl& url, const EtcdOptions& options)
    : options_(options), endpoints_(url, options), token_(options), random_(options.seed) {}

uint64_t EtcdClient::NextRandom() {
  const base::MutexLock lock(mutex_);
  return random_.Next();
}

grpc::Status EtcdClient::TryAt(const Endpoints::Endpoint& endpoint, absl::Duration timeout,
                               const Attempt& attempt, Interrupt& interrupt) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const grpc::Status has_token = token_.AddTo(context, endpoint.channel);
  if (!has_token.ok()) return has_token;
  const Interrupt::Scope scope(interrupt, context);
  return attempt(endpoint.channel, context);
}

absl::Status EtcdClient::Perform(const Attempt& attempt, Interrupt& interrupt) {
  const absl::Time deadline = absl::Now() + options_.call_timeout;
  base::Random random(NextRandom());
  rpc::Backoff backoff;
  bool has_new_token = false;
  while (true) {
    const Endpoints::Endpoint& endpoint = endpoints_.current();
    const absl::Duration timeout = std::min(options_.attempt_timeout, deadline - absl::Now());
    const grpc::Status status = TryAt(endpoint, timeout, attempt, interrupt);
    if (status.ok()) return absl::OkStatus();
    const EtcdFault fault = FaultOf(status);
    if (fault == EtcdFault::kToken && token_.is_used()) {
      token_.Drop();
      // A second time it is not its age.
      if (!std::exchange(has_new_token, true)) continue;
    }
    if (fault != EtcdFault::kEndpoint) return ToStatus(status, endpoint.name);
    endpoints_.MoveOnFrom(endpoint);
    const absl::Duration delay = backoff.Next(random);
    if (absl::Now() + delay >= deadline) return ToStatus(status, endpoint.name);
    if (!WaitToRetry(*endpoints_.current().channel, delay, interrupt)) return Interrupted();
  }
}

absl::StatusOr<etcdserverpb::RangeResponse> EtcdClient::Range(
    const etcdserverpb::RangeRequest& request, Interrupt& interrupt) {
  etcdserverpb::RangeResponse response;
  QC_RETURN_IF_ERROR(Perform(
      [&](const Channel& channel, grpc::ClientContext& context) {
        return KV::NewStub(channel)->Range(&context, request, &response);
      },
      interrupt));
  return response;
}

absl::StatusOr<etcdserverpb::TxnResponse> EtcdClient::Txn(const etcdserverpb::TxnRequest& request,
                                                          Interrupt& interrupt) {
  etcdserverpb::TxnResponse response;
  QC_RETURN_IF_ERROR(Perform(
      [&](const Channel& channel, grpc::ClientContext& context) {
        return KV::NewStub(channel)->Txn(&context, request, &response);
      },
      interrupt));
  return response;
}

absl::StatusOr<etcdserverpb::LeaseGrantResponse> EtcdClient::LeaseGrant(
    const etcdserverpb::LeaseGrantRequest& request, Interrupt& interrupt) {
  etcdserverpb::LeaseGrantResponse response;
  QC_RETURN_IF_ERROR(Perform(
      [&](const Channel& channel, grpc::ClientContext& context) {
        return Lease::NewStub(channel)->LeaseGrant(&context, request, &response);
      },
      interrupt));
  if (response.error().empty()) return response;
  return absl::UnavailableError(absl::StrCat("etcd grants no lease: ", response.error()));
}

absl::Status EtcdClient::LeaseRevoke(int64_t id, Interrupt& interrupt) {
  etcdserverpb::LeaseRevokeRequest request;
  request.set_id(id);
  return Perform(
      [&](const Channel& channel, grpc::ClientContext& context) {
        etcdserverpb::LeaseRevokeResponse response;
        const grpc::Status status =
            Lease::NewStub(channel)->LeaseRevoke(&context, request, &response);
        // Gone is what was wanted.
        return status.error_code() == grpc::StatusCode::NOT_FOUND ? grpc::Status::OK : status;
      },
      interrupt);
}

absl::StatusOr<int64_t> EtcdClient::LeaseKeepAlive(int64_t id, Interrupt& interrupt) {
  etcdserverpb::LeaseKeepAliveResponse response;
  QC_RETURN_IF_ERROR(Perform(
      [&](const Channel& channel, grpc::ClientContext& context) {
        context.AddMetadata(kRequireLeaderKey, "true");
        auto stream = Lease::NewStub(channel)->LeaseKeepAlive(&context);
        etcdserverpb::LeaseKeepAliveRequest request;
        request.set_id(id);
        const bool answered = stream->Write(request) && stream->Read(&response);
        if (answered) context.TryCancel();
        const grpc::Status status = stream->Finish();
        return answered ? grpc::Status::OK : status;
      },
      interrupt));
  return response.ttl();
}

absl::Status EtcdClient::Watch(
    const etcdserverpb::WatchCreateRequest& request, absl::Duration time,
    const std::function<bool(const etcdserverpb::WatchResponse&)>& on_answer,
    Interrupt& interrupt) {
  const Endpoints::Endpoint& endpoint = endpoints_.current();
  bool ended_by_us = false;
  const Attempt attempt = [&](const Channel& channel, grpc::ClientContext& context) {
    context.AddMetadata(kRequireLeaderKey, "true");
    auto stream = etcdserverpb::Watch::NewStub(channel)->Watch(&context);
    etcdserverpb::WatchRequest create;
    *create.mutable_create_request() = request;
    stream->Write(create);
    etcdserverpb::WatchResponse answer;
    while (!ended_by_us && stream->Read(&answer)) ended_by_us = !on_answer(answer);
    context.TryCancel();
    return stream->Finish();
  };
  const grpc::Status status = TryAt(endpoint, time, attempt, interrupt);
  if (interrupt.triggered()) return Interrupted();
  if (ended_by_us || status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::OkStatus();
  }
  if (status.ok()) return absl::UnavailableError("etcd: the member has ended the watch");
  if (FaultOf(status) == EtcdFault::kToken) token_.Drop();
  if (FaultOf(status) == EtcdFault::kEndpoint) endpoints_.MoveOnFrom(endpoint);
  return ToStatus(status, endpoint.name);
}

}  // namespace quorumcache::topology_etcd
