// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/node_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"

namespace quorumcache::transfer {
namespace {

using internal::v1::TransferService;

// A page waits behind the clients' work at its source, on a slow disk for seconds.
constexpr absl::Duration kPullTimeout = absl::Seconds(10);
constexpr absl::Duration kEpochsTimeout = absl::Seconds(1);
// A peer that was restarted is found again within this; gRPC's own backoff grows to minutes.
constexpr int kReconnectMsMax = 200;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments = rpc::BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  return arguments;
}

internal::v1::PullPartitionRequest ToProto(const replica::PullRequest& request) {
  internal::v1::PullPartitionRequest message;
  message.set_partition(request.partition);
  message.set_epoch(request.epoch);
  message.set_ballot_floor_epoch(request.ballot_floor_epoch);
  message.set_incarnation(request.incarnation);
  message.set_after(request.after);
  message.set_size_bytes_max(request.size_bytes_max);
  return message;
}

replica::PullReply TakeReply(const absl::Status& status,
                             internal::v1::PullPartitionResponse& response) {
  if (!status.ok()) {
    return {.status = model::ReplyStatus::kLost, .message = std::string(status.message())};
  }
  return {.status = static_cast<model::ReplyStatus>(response.status()),
          .message = std::move(*response.mutable_message()),
          .page = std::move(*response.mutable_page())};
}

}  // namespace

void GrpcNodeCalls::SetNodes(const std::vector<topology::Node>& nodes) {
  std::map<std::string, Peer> peers;
  for (const topology::Node& node : nodes) {
    Peer& peer = peers[node.id];
    const auto known = peers_.find(node.id);
    if (known != peers_.end() && known->second.address == node.address) peer = known->second;
    peer.address = node.address;
  }
  peers_ = std::move(peers);
}

std::unique_ptr<TransferService::Stub> GrpcNodeCalls::StubOf(const std::string& node_id) {
  const auto peer = peers_.find(node_id);
  if (peer == peers_.end()) return nullptr;
  if (peer->second.channel == nullptr) {
    peer->second.channel = rpc::MakeChannel(peer->second.address, Arguments());
  }
  return TransferService::NewStub(peer->second.channel);
}

void GrpcNodeCalls::Pull(const replica::NodeRef& source, const replica::PullRequest& request,
                         std::function<void(replica::PullReply)> done) {
  using Response = internal::v1::PullPartitionResponse;
  const auto stub = StubOf(source.id);
  if (stub == nullptr) {
    loop_.Post([done = std::move(done)] {
      done({.status = model::ReplyStatus::kNotSent, .message = "not in the cluster map"});
    });
    return;
  }
  rpc::StartClientCall<Response>(
      loop_, kPullTimeout,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncPullPartition(context, ToProto(request), queue);
      },
      [done = std::move(done)](const absl::Status& status, Response& response) {
        done(TakeReply(status, response));
      });
}

void GrpcNodeCalls::PartitionEpochs(
    const replica::NodeRef& node, const std::vector<uint32_t>& partitions,
    std::function<void(absl::StatusOr<std::vector<uint32_t>>)> done) {
  using Response = internal::v1::PartitionEpochsResponse;
  const auto stub = StubOf(node.id);
  if (stub == nullptr) {
    loop_.Post([done = std::move(done), id = node.id] {
      done(absl::NotFoundError(absl::StrCat(id, " is not in the cluster map")));
    });
    return;
  }
  internal::v1::PartitionEpochsRequest request;
  request.set_incarnation(node.incarnation);
  request.mutable_partitions()->Add(partitions.begin(), partitions.end());
  rpc::StartClientCall<Response>(
      loop_, kEpochsTimeout,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncPartitionEpochs(context, request, queue);
      },
      [done = std::move(done), count = partitions.size()](const absl::Status& status,
                                                          Response& response) {
        if (!status.ok()) return done(status);
        if (static_cast<size_t>(response.epochs_size()) != count) {
          return done(absl::InternalError("the answer has another number of epochs"));
        }
        done(std::vector<uint32_t>(response.epochs().begin(), response.epochs().end()));
      });
}

}  // namespace quorumcache::transfer
