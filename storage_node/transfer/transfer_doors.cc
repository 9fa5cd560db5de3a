// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/transfer_doors.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/unary_door.h"
#include "storage_node/transfer/partition_sizes.h"

namespace quorumcache::transfer {
namespace {

using internal::v1::TransferService;
using Service = TransferService::AsyncService;

constexpr int kWaitingCalls = 4;

// One method, answered by a function.
template <typename Request, typename Response>
class FunctionDoor final : private rpc::UnaryDoor<Request, Response>::Handler {
 public:
  using Unary = rpc::UnaryDoor<Request, Response>;
  using Call = typename Unary::Call;

  template <typename Method>
  FunctionDoor(const TransferDoorsParts& parts, Method method, std::function<void(Call&)> answer)
      : answer_(std::move(answer)), door_(parts.queue, parts.service, method, *this) {
    door_.Start(kWaitingCalls);
  }

 private:
  void OnCall(Call& call) override { answer_(call); }

  const std::function<void(Call&)> answer_;
  Unary door_;
};

replica::PullRequest FromProto(const internal::v1::PullPartitionRequest& message) {
  return {.partition = message.partition(),
          .epoch = message.epoch(),
          .ballot_floor_epoch = message.ballot_floor_epoch(),
          .incarnation = message.incarnation(),
          .after = message.after(),
          .size_bytes_max = message.size_bytes_max()};
}

void FillJoin(const replica::JoinState& state, internal::v1::JoinState& message) {
  message.set_partition(state.partition);
  message.set_join_id(state.join_id);
  message.set_complete(state.complete);
  message.set_keys(state.keys);
  message.set_size_bytes(state.size_bytes);
}

}  // namespace

struct TransferDoors::Doors {
  explicit Doors(TransferDoors& owner) : owner(owner) {}

  template <typename Call>
  bool IsMeant(Call& call) {
    if (call.request().incarnation() == owner.parts_.incarnation) return true;
    call.Finish(grpc::Status(
        grpc::StatusCode::FAILED_PRECONDITION,
        absl::StrCat("this node is incarnation ", absl::Hex(owner.parts_.incarnation))));
    return false;
  }

  // Answers `call` with what `fill` makes of the replica.
  template <typename Call>
  void Ask(Call& call, std::function<void(replica::Replica&, Call&)> fill) {
    if (owner.is_closed_) {
      return call.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node is stopping"));
    }
    owner.parts_.post([this, &call, fill = std::move(fill)](replica::Replica& replica) {
      fill(replica, call);
      owner.parts_.loop.Post([&call] { call.Finish(grpc::Status::OK); });
    });
  }

  // A slice at a time: other work in the background must not wait for all of them.
  template <typename Call>
  void AskSizes(Call& call, const std::shared_ptr<std::vector<uint64_t>>& sizes) {
    if (owner.is_closed_) {
      return call.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node is stopping"));
    }
    owner.parts_.post([this, &call, sizes](replica::Replica& replica) {
      const bool is_done = AppendSizes(owner.parts_.engine, replica.partitions(), sizes.get());
      owner.parts_.loop.Post([this, &call, sizes, is_done] {
        if (!is_done) return AskSizes(call, sizes);
        call.response().mutable_bytes()->Add(sizes->begin(), sizes->end());
        call.Finish(grpc::Status::OK);
      });
    });
  }

  void Describe(internal::v1::DescribeResponse& response) const {
    response.set_node_id(owner.parts_.node_id);
    response.set_cluster_id(owner.parts_.cluster_id);
    response.set_incarnation(owner.parts_.incarnation);
  }

  TransferDoors& owner;

  FunctionDoor<internal::v1::DescribeRequest, internal::v1::DescribeResponse> describe{
      owner.parts_, &Service::RequestDescribe, [this](auto& call) {
        Describe(call.response());
        call.Finish(grpc::Status::OK);
      }};
  FunctionDoor<internal::v1::PartitionSizesRequest, internal::v1::PartitionSizesResponse> sizes{
      owner.parts_, &Service::RequestPartitionSizes, [this](auto& call) {
        if (!IsMeant(call)) return;
        AskSizes(call, std::make_shared<std::vector<uint64_t>>());
      }};
  FunctionDoor<internal::v1::PullPartitionRequest, internal::v1::PullPartitionResponse> pull{
      owner.parts_, &Service::RequestPullPartition, [this](auto& call) {
        Ask<std::decay_t<decltype(call)>>(call, [this](replica::Replica& replica, auto& asked) {
          replica::PullReply reply = replica.Export(FromProto(asked.request()));
          asked.response().set_status(static_cast<uint32_t>(reply.status));
          asked.response().set_message(std::move(reply.message));
          owner.bytes_sent_.Add(reply.page.size());
          asked.response().set_page(std::move(reply.page));
        });
      }};
  FunctionDoor<internal::v1::PartitionEpochsRequest, internal::v1::PartitionEpochsResponse> epochs{
      owner.parts_, &Service::RequestPartitionEpochs, [this](auto& call) {
        if (!IsMeant(call)) return;
        Ask<std::decay_t<decltype(call)>>(call, [](replica::Replica& replica, auto& asked) {
          for (const uint32_t partition : asked.request().partitions()) {
            const bool is_known = partition < replica.partitions().size();
            asked.response().add_epochs(is_known ? replica.partitions().row(partition).epoch : 0);
          }
        });
      }};
  FunctionDoor<internal::v1::JoinStatusRequest, internal::v1::JoinStatusResponse> joins{
      owner.parts_, &Service::RequestJoinStatus, [this](auto& call) {
        if (!IsMeant(call)) return;
        call.response().set_incarnation(owner.parts_.incarnation);
        call.response().set_bytes_received(owner.parts_.mover.stats().bytes_received.value());
        call.response().set_bytes_per_second_max(owner.parts_.mover.bytes_per_second_max());
        Ask<std::decay_t<decltype(call)>>(call, [](replica::Replica& replica, auto& asked) {
          for (const replica::JoinState& state : replica.Joins()) {
            FillJoin(state, *asked.response().add_joins());
          }
        });
      }};
};

TransferDoors::TransferDoors(TransferDoorsParts parts) : parts_(std::move(parts)) {}

TransferDoors::~TransferDoors() = default;

void TransferDoors::Start() {
  doors_ = std::make_unique<Doors>(*this);
}

void TransferDoors::Close() {
  is_closed_ = true;
}

}  // namespace quorumcache::transfer
