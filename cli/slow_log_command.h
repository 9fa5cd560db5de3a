// SPDX-License-Identifier: Apache-2.0
// qcctl slowlog.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeSlowLog();

}  // namespace quorumcache::cli
