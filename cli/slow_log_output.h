// SPDX-License-Identifier: Apache-2.0
// The slow logs of coordinators, as text. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// All operations of `logs`, newest first and at most `limit` (0: all); as a value their tokens.
std::string FormatSlowLogs(OutputForm form, const std::vector<v1::ReadSlowLogResponse>& logs,
                           size_t limit);

}  // namespace quorumcache::cli
