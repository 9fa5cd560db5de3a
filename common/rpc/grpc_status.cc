// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_status.h"

#include "common/base/check.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace quorumcache::rpc {
namespace {

constexpr char kDomain[] = "quorumcache";

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

grpc::Status MakeGrpcError(absl::StatusCode code, absl::string_view message,
                           const ErrorDetails& details) {
  QC_CHECK(code != absl::StatusCode::kOk);
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(kDomain);
  info.mutable_metadata()->insert(details.metadata.begin(), details.metadata.end());
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(code));
  rich.set_message(std::string(message));
  rich.add_details()->PackFrom(info);
  if (details.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(*details.retry_after);
    rich.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(code), std::string(message),
                      rich.SerializeAsString());
}

std::optional<ErrorDetails> ParseErrorDetails(const grpc::Status& status) {
  google::rpc::Status rich;
  if (status.error_details().empty() || !rich.ParseFromString(status.error_details())) {
    return std::nullopt;
  }
  std::optional<ErrorDetails> details;
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  std::optional<absl::Duration> retry_after;
  for (const auto& any : rich.details()) {
    if (any.UnpackTo(&info) && info.domain() == kDomain) {
      details.emplace().reason = info.reason();
      details->metadata.insert(info.metadata().begin(), info.metadata().end());
    } else if (any.UnpackTo(&retry)) {
      retry_after = FromProto(retry.retry_delay());
    }
  }
  if (details.has_value()) details->retry_after = retry_after;
  return details;
}

}  // namespace quorumcache::rpc
