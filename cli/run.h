// SPDX-License-Identifier: Apache-2.0
// RunQcctl: from a command line to an exit code; all of main but for the process.
#pragma once

#include <string>
#include <vector>

#include "common/runtime/config.h"

namespace quorumcache::cli {

// `arguments` without the program's name.
int RunQcctl(const std::vector<std::string>& arguments, const runtime::Environment& environment);

}  // namespace quorumcache::cli
