// SPDX-License-Identifier: Apache-2.0
// NodeCalls: what a coordinator asks storage nodes about moving partitions (TransferService).
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

namespace quorumcache::service {

template <typename T>
using NodeAnswer = std::function<void(absl::StatusOr<T>)>;

// Who a node says it is.
struct NodeDescription {
  std::string node_id;
  std::string cluster_id;
  uint64_t incarnation = 0;
};

// Loop thread only. Every answer comes later, exactly once, at the latest after a second, of
// PartitionSizes after five.
class NodeCalls {
 public:
  virtual ~NodeCalls() = default;
  // Also of nodes that are in no map.
  virtual void Describe(const std::string& address, NodeAnswer<NodeDescription> done) = 0;
  // Bytes that a copy would take, estimated; 0: the node has no whole copy. Index = partition.
  virtual void PartitionSizes(const topology::Node& node,
                              NodeAnswer<std::vector<uint64_t>> done) = 0;
  virtual void JoinStatus(const topology::Node& node,
                          NodeAnswer<internal::v1::JoinStatusResponse> done) = 0;
};

// Over channels of its own: these calls are few, and must not wait behind the data plane.
class GrpcNodeCalls final : public NodeCalls {
 public:
  // `loop` outlives it.
  explicit GrpcNodeCalls(rpc::EventLoop& loop) : loop_(loop) {}
  void Describe(const std::string& address, NodeAnswer<NodeDescription> done) override;
  void PartitionSizes(const topology::Node& node, NodeAnswer<std::vector<uint64_t>> done) override;
  void JoinStatus(const topology::Node& node,
                  NodeAnswer<internal::v1::JoinStatusResponse> done) override;

 private:
  std::unique_ptr<internal::v1::TransferService::Stub> StubOf(const std::string& address);

  rpc::EventLoop& loop_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace quorumcache::service
