// SPDX-License-Identifier: Apache-2.0
// CheckRun: a run's history before every checker, and each workload's own promises.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/histories/run.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {

// By key: what was read when all had healed.
using FinalReads = std::map<std::string, Done>;

// Completes `report`, whose history and totals are there. The history gets what only a checker
// needs.
void CheckRun(const std::vector<std::unique_ptr<Workload>>& workloads, const FinalReads& last,
              RunReport* report);

}  // namespace quorumcache::histories
