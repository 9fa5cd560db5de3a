// SPDX-License-Identifier: Apache-2.0
// qcctl replay.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeReplay();

}  // namespace quorumcache::cli
