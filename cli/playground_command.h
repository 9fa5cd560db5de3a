// SPDX-License-Identifier: Apache-2.0
// qcctl playground.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakePlayground();

}  // namespace quorumcache::cli
