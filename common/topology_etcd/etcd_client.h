// SPDX-License-Identifier: Apache-2.0
// EtcdClient: calls to an etcd cluster that survive the loss of a member and of a token.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/topology_etcd/endpoints.h"
#include "common/topology_etcd/etcd_options.h"
#include "common/topology_etcd/etcd_token.h"
#include "common/topology_etcd/etcd_url.h"
#include "common/topology_etcd/interrupt.h"
#include "etcd/rpc.grpc.pb.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Every call blocks for EtcdOptions::call_timeout at most, or until `interrupt`, and
// is made again where that can help: at the next endpoint, with a new token. So a request may be
// carried out more than once, and one that has failed may have been carried out.
//
// Errors: see etcd_error.h.
class EtcdClient {
 public:
  EtcdClient(const EtcdUrl& url, const EtcdOptions& options);

  absl::StatusOr<etcdserverpb::RangeResponse> Range(const etcdserverpb::RangeRequest& request,
                                                    Interrupt& interrupt);
  absl::StatusOr<etcdserverpb::TxnResponse> Txn(const etcdserverpb::TxnRequest& request,
                                                Interrupt& interrupt);
  absl::StatusOr<etcdserverpb::LeaseGrantResponse> LeaseGrant(
      const etcdserverpb::LeaseGrantRequest& request, Interrupt& interrupt);
  absl::Status LeaseRevoke(int64_t id, Interrupt& interrupt);
  // One message each way. The TTL left, in seconds; 0 or less: the lease is gone.
  absl::StatusOr<int64_t> LeaseKeepAlive(int64_t id, Interrupt& interrupt);

  // Starts a watch at the endpoint of the hour and hands every answer to `on_answer` until that
  // says false, or `time` is over. OK in both cases.
  absl::Status Watch(const etcdserverpb::WatchCreateRequest& request, absl::Duration time,
                     const std::function<bool(const etcdserverpb::WatchResponse&)>& on_answer,
                     Interrupt& interrupt);

 private:
  using Channel = std::shared_ptr<grpc::Channel>;
  using Attempt = std::function<grpc::Status(const Channel&, grpc::ClientContext&)>;

  absl::Status Perform(const Attempt& attempt, Interrupt& interrupt);
  // One attempt, with token and deadline.
  grpc::Status TryAt(const Endpoints::Endpoint& endpoint, absl::Duration timeout,
                     const Attempt& attempt, Interrupt& interrupt);
  uint64_t NextRandom();

  const EtcdOptions options_;
  Endpoints endpoints_;
  EtcdToken token_;
  base::Mutex mutex_;
  base::Random random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::topology_etcd
