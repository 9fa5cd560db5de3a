// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "client/error.h"

namespace quorumcache::cli {
namespace {

constexpr char kUsageUrl[] = "quorumcache.cli.usage";

// Whether the call was sent and its effect is not known. Errors that qcctl itself makes have no
// reason and a code that no transport gives.
bool MayHaveBeenApplied(const client::Error& error) {
  if (error.outcome == client::Outcome::kNotApplied) return false;
  switch (error.code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return !error.reason.empty();
  }
}

}  // namespace

absl::Status UsageError(const std::string& message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) {
  return status.GetPayload(kUsageUrl).has_value();
}

ExitCode ExitCodeOf(const absl::Status& status, Effect effect) {
  if (status.ok()) return ExitCode::kOk;
  if (IsUsageError(status)) return ExitCode::kUsage;
  const client::Error error = client::ErrorOf(status);
  if (effect == Effect::kWrites && MayHaveBeenApplied(error)) return ExitCode::kOutcomeUnknown;
  switch (error.code) {
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kFailedPrecondition:
      // The cluster always gives a reason; without one it is a command of ours that cannot go on.
      return error.reason.empty() || error.reason == "NOT_AN_INTEGER" ? ExitCode::kFailure
                                                                      : ExitCode::kConditionNotMet;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnavailable;
    default:
      return ExitCode::kFailure;
  }
}

std::string DescribeError(const absl::Status& status, Effect effect) {
  if (IsUsageError(status)) return std::string(status.message());
  const client::Error error = client::ErrorOf(status);
  std::string text = error.message.empty() ? absl::StatusCodeToString(error.code) : error.message;
  if (!error.reason.empty()) absl::StrAppend(&text, " [", error.reason, "]");
  if (!error.Metadata("etag").empty()) {
    absl::StrAppend(&text, "; the present etag is ", error.Metadata("etag"));
  }
  const ExitCode code = ExitCodeOf(status, effect);
  if (effect == Effect::kWrites && code == ExitCode::kOutcomeUnknown) {
    absl::StrAppend(&text, "; outcome unknown: the write may have been applied");
  } else if (effect == Effect::kWrites && code == ExitCode::kUnavailable) {
    absl::StrAppend(&text, "; not applied");
  }
  return text;
}

}  // namespace quorumcache::cli
