// SPDX-License-Identifier: Apache-2.0
// The rows of one TransferPage: records and promises of a partition, in engine key order.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage_node/engine/engine.h"
#include "storage_node/replica/transfer_page.h"

namespace quorumcache::replica {

// Fills rows, complete and resume_after with what lies behind page->after in `range`, up to about
// `size_bytes_max` (0: 256 KiB), but one row at least. Every record is verified. kCorrupt, kIo.
absl::Status ExportRows(engine::Engine* engine, const engine::Range& range, uint32_t size_bytes_max,
                        TransferPage* page);

}  // namespace quorumcache::replica
