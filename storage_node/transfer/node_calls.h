// SPDX-License-Identifier: Apache-2.0
// NodeCalls: what a storage node asks others while partitions move (TransferService).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/event_loop.h"
#include "common/topology/cluster_map.h"
#include "quorumcache/internal/v1/transfer.grpc.pb.h"
#include "storage_node/replica/assignments.h"
#include "storage_node/replica/transfer.h"

namespace quorumcache::transfer {

// Loop thread only. Every answer comes later, exactly once.
class NodeCalls {
 public:
  virtual ~NodeCalls() = default;
  virtual void Pull(const replica::NodeRef& source, const replica::PullRequest& request,
                    std::function<void(replica::PullReply)> done) = 0;
  // In the order of `partitions`.
  virtual void PartitionEpochs(const replica::NodeRef& node,
                               const std::vector<uint32_t>& partitions,
                               std::function<void(absl::StatusOr<std::vector<uint32_t>>)> done) = 0;
};

// Over channels of its own.
class GrpcNodeCalls final : public NodeCalls {
 public:
  // `loop` outlives it.
  explicit GrpcNodeCalls(rpc::EventLoop& loop) : loop_(loop) {}

  // Where the nodes are from now on; channels to those that are gone are closed.
  void SetNodes(const std::vector<topology::Node>& nodes);

  void Pull(const replica::NodeRef& source, const replica::PullRequest& request,
            std::function<void(replica::PullReply)> done) override;
  void PartitionEpochs(const replica::NodeRef& node, const std::vector<uint32_t>& partitions,
                       std::function<void(absl::StatusOr<std::vector<uint32_t>>)> done) override;

 private:
  struct Peer {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;  // made on first use
  };
  // nullptr: no such node.
  std::unique_ptr<internal::v1::TransferService::Stub> StubOf(const std::string& node_id);

  rpc::EventLoop& loop_;
  std::map<std::string, Peer> peers_;
};

}  // namespace quorumcache::transfer
