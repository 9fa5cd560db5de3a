// SPDX-License-Identifier: Apache-2.0
// Commands on the cluster: locate, cluster status, node list, health.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeLocate();
std::unique_ptr<Command> MakeClusterStatus();
std::unique_ptr<Command> MakeNodeList();
std::unique_ptr<Command> MakeHealth();

}  // namespace quorumcache::cli
