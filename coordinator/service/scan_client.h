// SPDX-License-Identifier: Apache-2.0
// ScanClient: how scans ask a storage node for a page of a partition.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/event_loop.h"
#include "coordinator/service/replica_links.h"
#include "coordinator/service/replica_transport.h"
#include "quorumcache/internal/v1/replica.pb.h"

namespace quorumcache::service {

using ScanCallback = std::function<void(const absl::Status&, internal::v1::ScanPartitionResponse&)>;

// Loop thread only.
class ScanClient {
 public:
  virtual ~ScanClient() = default;
  // Calls `done` exactly once, later, at the latest after `timeout`. Fills in the incarnation.
  virtual void ScanPartition(LinkId link, internal::v1::ScanPartitionRequest request,
                             absl::Duration timeout, ScanCallback done) = 0;
};

// Over the channels of the links. Both outlive the client.
class GrpcScanClient final : public ScanClient {
 public:
  GrpcScanClient(rpc::EventLoop& loop, const ReplicaLinks& links) : loop_(loop), links_(links) {}
  void ScanPartition(LinkId link, internal::v1::ScanPartitionRequest request,
                     absl::Duration timeout, ScanCallback done) override;

 private:
  rpc::EventLoop& loop_;
  const ReplicaLinks& links_;
};

}  // namespace quorumcache::service
