// SPDX-License-Identifier: Apache-2.0
#include "client/decode_error.h"

#include <utility>

#include "common/rpc/grpc_status.h"

namespace quorumcache::client {
namespace {

// Only the cluster itself can promise that nothing was applied.
Outcome OutcomeOf(absl::string_view text) {
  return text == "not_applied" ? Outcome::kNotApplied : Outcome::kUnknown;
}

}  // namespace

Error DecodeError(const grpc::Status& status) {
  Error error;
  error.code = static_cast<absl::StatusCode>(status.error_code());
  error.message = status.error_message();
  std::optional<rpc::ErrorDetails> details = rpc::ParseErrorDetails(status);
  if (!details.has_value()) return error;
  error.reason = std::move(details->reason);
  error.metadata = std::move(details->metadata);
  error.outcome = OutcomeOf(error.Metadata("outcome"));
  error.retry_delay = details->retry_after;
  return error;
}

Error DecodeError(const v1::OperationError& proto) {
  Error error;
  error.code = static_cast<absl::StatusCode>(proto.code());
  error.message = proto.message();
  error.reason = proto.reason();
  error.outcome = OutcomeOf(proto.outcome());
  error.metadata.insert(proto.metadata().begin(), proto.metadata().end());
  if (proto.has_retry_delay()) {
    error.retry_delay = absl::Seconds(proto.retry_delay().seconds()) +
                        absl::Nanoseconds(proto.retry_delay().nanos());
  }
  return error;
}

v1::OperationError EncodeError(const Error& error) {
  v1::OperationError proto;
  proto.set_code(static_cast<int32_t>(error.code));
  proto.set_message(error.message);
  proto.set_reason(error.reason);
  proto.set_outcome(std::string(OutcomeText(error.outcome)));
  proto.mutable_metadata()->insert(error.metadata.begin(), error.metadata.end());
  if (error.retry_delay.has_value()) {
    absl::Duration rest;
    proto.mutable_retry_delay()->set_seconds(
        absl::IDivDuration(*error.retry_delay, absl::Seconds(1), &rest));
    proto.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  }
  return proto;
}

}  // namespace quorumcache::client
