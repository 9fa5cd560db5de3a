// SPDX-License-Identifier: Apache-2.0
// qcctl topology export, import: the cluster map from one store to another. They talk to the store
// itself, not to a cluster.
#pragma once

#include <memory>

#include "cli/command.h"

namespace quorumcache::cli {

std::unique_ptr<Command> MakeTopologyExport();
std::unique_ptr<Command> MakeTopologyImport();

}  // namespace quorumcache::cli
