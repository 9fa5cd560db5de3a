// SPDX-License-Identifier: Apache-2.0
// What qcctl tells the shell, so that scripts can branch on it.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace quorumcache::cli {

enum class ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConditionNotMet = 4,
  // Nothing was applied; try again later.
  kUnavailable = 5,
  // A write that may or may not have been applied.
  kOutcomeUnknown = 6,
};

// The command line makes no sense. INVALID_ARGUMENT, told apart from the cluster's.
absl::Status UsageError(const std::string& message);
bool IsUsageError(const absl::Status& status);

enum class Effect { kReads, kWrites };

// `status` is a UsageError, comes from the client library, or from a command.
ExitCode ExitCodeOf(const absl::Status& status, Effect effect);

// One line for standard error: message, reason, and for writes the outcome.
std::string DescribeError(const absl::Status& status, Effect effect);

}  // namespace quorumcache::cli
