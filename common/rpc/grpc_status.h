// SPDX-License-Identifier: Apache-2.0
// absl::Status and grpc::Status have the same codes; the rich form (google.rpc.Status) travels in
// the details.
#pragma once

#include <grpcpp/support/status.h>

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quorumcache::rpc {

absl::Status FromGrpcStatus(const grpc::Status& status);
grpc::Status ToGrpcStatus(const absl::Status& status);

// What our errors carry beside code and message: google.rpc.ErrorInfo and RetryInfo.
struct ErrorDetails {
  std::string reason;                           // UPPER_SNAKE_CASE
  std::map<std::string, std::string> metadata;  // "outcome" and more
  std::optional<absl::Duration> retry_after;
};

// A status whose details are a google.rpc.Status with ErrorInfo (domain "quorumcache") and, where
// retry_after is set, RetryInfo. Requires: code is not OK.
grpc::Status MakeGrpcError(absl::StatusCode code, absl::string_view message,
                           const ErrorDetails& details);
// The details of an error made as above by anyone in our domain; nullopt where there are none.
std::optional<ErrorDetails> ParseErrorDetails(const grpc::Status& status);

}  // namespace quorumcache::rpc
