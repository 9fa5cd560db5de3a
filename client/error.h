// SPDX-License-Identifier: Apache-2.0
// Error: what a failed call says beside its status code; above all, whether a write may have
// happened.
//
//   absl::StatusOr<v1::SetResponse> response = client.Set(request);
//   if (!response.ok() && client::ErrorOf(response.status()).outcome == client::Outcome::kUnknown)
//   ...
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quorumcache::client {

enum class Outcome {
  // No replica has applied the write, and none ever will.
  kNotApplied,
  // It may have been applied, or may yet be: the connection broke, or the time was up after it was
  // sent.
  kUnknown,
};

// "not_applied" or "unknown".
absl::string_view OutcomeText(Outcome outcome);

struct Error {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string message;
  // UPPER_SNAKE_CASE; empty when the error comes from the transport. "UNREACHABLE": no endpoint
  // could be connected to.
  std::string reason;
  // kUnknown whenever the cluster has not said otherwise.
  Outcome outcome = Outcome::kUnknown;
  // Set: a retry helps, after this.
  std::optional<absl::Duration> retry_delay;
  // By reason: "etag" (the present one), "first" (to be sent with the retry of a write), "acked",
  // "required".
  std::map<std::string, std::string> metadata;

  // "" where there is none.
  std::string Metadata(const std::string& name) const;
};

// The error as a status that carries all of it. Requires: code is not OK.
absl::Status ToStatus(const Error& error);

// What `status`, which came from this library, carries; for any other one its code and message,
// with the outcome unknown. Requires: not OK.
Error ErrorOf(const absl::Status& status);

}  // namespace quorumcache::client
