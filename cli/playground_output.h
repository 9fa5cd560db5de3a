// SPDX-License-Identifier: Apache-2.0
// What a playground prints when it is ready. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/playground.h"

namespace quorumcache::cli {

// One line for scripts:
// {"coordinators":[{"grpc","http","pid"}],"storage_nodes":[{"id","grpc","http","pid","data_dir"}]}
std::string PlaygroundJson(const std::vector<RunningMember>& members);

// Where everybody listens, and three lines to try; `qcctl` is how to call this program.
// Requires: at least one coordinator.
std::string PlaygroundText(const std::vector<RunningMember>& members, const std::string& data_dir,
                           const std::string& qcctl);

}  // namespace quorumcache::cli
