// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/scan_client.h"

#include <grpcpp/client_context.h>

#include <memory>
#include <utility>

#include "common/rpc/client_call.h"
#include "quorumcache/internal/v1/replica.grpc.pb.h"

namespace quorumcache::service {

using internal::v1::ReplicaService;
using internal::v1::ScanPartitionRequest;
using internal::v1::ScanPartitionResponse;

void GrpcScanClient::ScanPartition(LinkId link, ScanPartitionRequest request,
                                   absl::Duration timeout, ScanCallback done) {
  const rpc::BatchStreamClient* client = links_.client(link);
  if (client == nullptr || client->channel() == nullptr) {
    // Later, as promised: callers need not expect an answer within their own call.
    loop_.Post([done = std::move(done)] {
      ScanPartitionResponse none;
      done(absl::UnavailableError("no connection"), none);
    });
    return;
  }
  request.set_incarnation(links_.incarnation(link));
  const std::unique_ptr<ReplicaService::Stub> stub = ReplicaService::NewStub(client->channel());
  rpc::StartClientCall<ScanPartitionResponse>(
      loop_, timeout,
      [&stub, &request](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncScanPartition(context, request, queue);
      },
      std::move(done));
}

}  // namespace quorumcache::service
