// SPDX-License-Identifier: Apache-2.0
// qcctl bench.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeBench();

}  // namespace quorumcache::cli
