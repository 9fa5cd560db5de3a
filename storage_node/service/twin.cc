// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/twin.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace quorumcache::node_service {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(1);

}  // namespace

absl::Status CheckNoTwin(const std::string& node_id, const std::string& address) {
  const auto channel = rpc::MakeChannel(address, rpc::BaseChannelArguments());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response);
  // One that is stopping says NOT_SERVING; it will be gone when we serve, or we cannot listen.
  if (!status.ok() || response.status() != grpc::health::v1::HealthCheckResponse::SERVING) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "a process that serves answers at ", address, ", the address of node ", node_id,
      " in the cluster map: two processes must not be one node. Stop the other one; or, if this "
      "data directory is a copy, use an empty one and another --node-id (`qcctl node add`)"));
}

}  // namespace quorumcache::node_service
