// SPDX-License-Identifier: Apache-2.0
// Where log lines go: one line an event, to standard error, by glog.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::runtime {

// "info", "warning" or "error": lines below it are dropped. INVALID_ARGUMENT for other words.
absl::Status CheckLogLevel(absl::string_view level);

// Sets glog up: standard error only, UTC, no colours. Call once, early in main, before other
// threads log; what is logged before goes to standard error as well. Requires: CheckLogLevel(level)
// is OK.
void InitLogging(absl::string_view program, absl::string_view level);

// The first line of a server's log: what runs, where its settings can be seen.
void LogStart(absl::string_view program, absl::string_view version);

}  // namespace quorumcache::runtime
