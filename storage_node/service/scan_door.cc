// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/scan_door.h"

#include <memory>
#include <utility>

#include "common/wire/record_proto.h"

namespace quorumcache::node_service {
namespace {

using internal::v1::ScanPartitionRequest;
using internal::v1::ScanPartitionResponse;

constexpr int kWaitingCalls = 4;
// A page may take the engine thread milliseconds: more callers than this wait for their turn at
// home.
constexpr int kUnderWayMax = 16;

replica::ScanRequest FromProto(const ScanPartitionRequest& request) {
  return replica::ScanRequest{.partition = request.partition(),
                              .epoch = request.epoch(),
                              .incarnation = request.incarnation(),
                              .namespace_name = request.namespace_(),
                              .prefix = request.prefix(),
                              .after = request.after(),
                              .limit = request.limit(),
                              .include_values = request.include_values()};
}

}  // namespace

grpc::Status ScanStatus(const replica::ScanPage& page) {
  switch (page.status) {
    case model::ReplyStatus::kOk:
      return grpc::Status::OK;
    case model::ReplyStatus::kInvalid:
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, page.message);
    case model::ReplyStatus::kWrongNode:
    case model::ReplyStatus::kStaleEpoch:
      return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, page.message);
    case model::ReplyStatus::kCorrupt:
      return grpc::Status(grpc::StatusCode::DATA_LOSS, page.message);
    default:
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, page.message);
  }
}

void FillResponse(replica::ScanPage page, ScanPartitionResponse* response) {
  for (replica::ScanRow& row : page.rows) {
    internal::v1::ScanRow* out = response->add_rows();
    out->set_engine_key(std::move(row.engine_key));
    out->set_key(std::move(row.key.bytes));
    wire::ToProto(row.accepted, out->mutable_accepted());
    wire::ToProto(std::move(row.record), row.accepted, out->mutable_record());
  }
  response->set_complete(page.complete);
  response->set_resume_after(std::move(page.resume_after));
  wire::ToProto(page.floor, response->mutable_floor());
  response->set_hlc(page.hlc);
}

ScanDoor::ScanDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                   rpc::ReplicaAsyncService& service)
    : loop_(loop),
      door_(queue, service, &rpc::ReplicaAsyncService::RequestScanPartition,
            static_cast<Door::Handler&>(*this)) {}

void ScanDoor::Start(EngineWorker& worker) {
  worker_ = &worker;
  door_.Start(kWaitingCalls);
}

void ScanDoor::Close() {
  is_closed_ = true;
  door_.Close();
}

void ScanDoor::OnCall(Door::Call& call) {
  if (is_closed_ || under_way_ >= kUnderWayMax) {
    call.Finish(is_closed_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the node is stopping")
                           : grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                          "too many scans are under way"));
    return;
  }
  ++under_way_;
  worker_->Post([this, &call](replica::Replica& replica) {
    // Converted here: a page may be megabytes, and the loop has other things to do.
    replica::ScanPage page = replica.Scan(FromProto(call.request()));
    const grpc::Status status = ScanStatus(page);
    if (status.ok()) FillResponse(std::move(page), &call.response());
    loop_.Post([this, &call, status] {
      --under_way_;
      call.Finish(status);
    });
  });
}

}  // namespace quorumcache::node_service
