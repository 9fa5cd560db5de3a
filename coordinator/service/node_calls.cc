// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/node_calls.h"

#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"

namespace quorumcache::service {
namespace {

using internal::v1::TransferService;

// Longer than a stalled disk, short enough that a person waits for an answer.
constexpr absl::Duration kCallTimeout = absl::Seconds(1);
// It reads from all partitions, behind the requests of clients.
constexpr absl::Duration kSizesTimeout = absl::Seconds(5);
// A node that was restarted is found again within this; gRPC's own backoff grows to minutes.
constexpr int kReconnectMsMax = 200;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments = rpc::BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  return arguments;
}

}  // namespace

std::unique_ptr<TransferService::Stub> GrpcNodeCalls::StubOf(const std::string& address) {
  std::shared_ptr<grpc::Channel>& channel = channels_[address];
  if (channel == nullptr) channel = rpc::MakeChannel(address, Arguments());
  return TransferService::NewStub(channel);
}

void GrpcNodeCalls::Describe(const std::string& address, NodeAnswer<NodeDescription> done) {
  using Response = internal::v1::DescribeResponse;
  const auto stub = StubOf(address);
  rpc::StartClientCall<Response>(
      loop_, kCallTimeout,
      [&stub](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncDescribe(context, {}, queue);
      },
      [done = std::move(done)](const absl::Status& status, Response& response) {
        if (!status.ok()) return done(status);
        done(NodeDescription{std::move(*response.mutable_node_id()),
                             std::move(*response.mutable_cluster_id()), response.incarnation()});
      });
}

void GrpcNodeCalls::PartitionSizes(const topology::Node& node,
                                   NodeAnswer<std::vector<uint64_t>> done) {
  using Response = internal::v1::PartitionSizesResponse;
  const auto stub = StubOf(node.address);
  internal::v1::PartitionSizesRequest request;
  request.set_incarnation(node.incarnation);
  rpc::StartClientCall<Response>(
      loop_, kSizesTimeout,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncPartitionSizes(context, request, queue);
      },
      [done = std::move(done)](const absl::Status& status, Response& response) {
        if (!status.ok()) return done(status);
        done(std::vector<uint64_t>(response.bytes().begin(), response.bytes().end()));
      });
}

void GrpcNodeCalls::JoinStatus(const topology::Node& node,
                               NodeAnswer<internal::v1::JoinStatusResponse> done) {
  using Response = internal::v1::JoinStatusResponse;
  const auto stub = StubOf(node.address);
  internal::v1::JoinStatusRequest request;
  request.set_incarnation(node.incarnation);
  rpc::StartClientCall<Response>(
      loop_, kCallTimeout,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncJoinStatus(context, request, queue);
      },
      [done = std::move(done)](const absl::Status& status, Response& response) {
        if (!status.ok()) return done(status);
        done(std::move(response));
      });
}

}  // namespace quorumcache::service
