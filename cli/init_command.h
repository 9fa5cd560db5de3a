// SPDX-License-Identifier: Apache-2.0
// qcctl cluster init: the first map of a cluster, before any process runs.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeClusterInit();

}  // namespace quorumcache::cli
