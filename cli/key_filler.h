// SPDX-License-Identifier: Apache-2.0
// FillKeys: stores a value under every key of a benchmark, before it begins.
#pragma once

#include "absl/status/status.h"
#include "cli/load_door.h"

namespace quorumcache::cli {

// Through a pipeline; shows its progress. The first error ends it.
absl::Status FillKeys(const DoorOptions& options, uint64_t key_count, size_t key_size);

}  // namespace quorumcache::cli
