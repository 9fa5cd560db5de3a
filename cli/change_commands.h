// SPDX-License-Identifier: Apache-2.0
// Commands that change the cluster's shape: node add|drain|remove|replace, cluster
// plan|commit|abort, rebalance status.
//
// Each change is planned first: what is printed says what would move. It is committed against the
// epoch that the plan names (--epoch), or at once (--yes).
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeNodeAdd();
std::unique_ptr<Command> MakeNodeDrain();
std::unique_ptr<Command> MakeNodeRemove();
std::unique_ptr<Command> MakeNodeReplace();
std::unique_ptr<Command> MakeClusterPlan();
std::unique_ptr<Command> MakeClusterCommit();
std::unique_ptr<Command> MakeClusterAbort();
std::unique_ptr<Command> MakeRebalanceStatus();

}  // namespace quorumcache::cli
