// SPDX-License-Identifier: Apache-2.0
// How full the file system of a data directory is: for the alert that comes before DISK_FULL.
#pragma once

#include <string>

#include "common/metrics/registry.h"

namespace quorumcache {

// Adds two gauges that ask the kernel at every scrape; -1 where it does not tell.
void AddDiskMetrics(std::string data_directory, metrics::Registry& registry);

}  // namespace quorumcache
