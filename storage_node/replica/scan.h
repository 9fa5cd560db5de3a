// SPDX-License-Identifier: Apache-2.0
// One page of a partition, in engine key order: the storage side of a Scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/ballot.h"
#include "common/model/key.h"
#include "common/model/record.h"
#include "common/model/replica_message.h"
#include "storage_node/engine/engine.h"

namespace quorumcache::replica {

struct ScanRequest {
  uint32_t partition = 0;
  // The sender's epoch of the partition, and the incarnation the request is meant for.
  uint32_t epoch = 0;
  uint64_t incarnation = 0;
  // Empty: every namespace.
  std::string namespace_name;
  std::string prefix;
  // Engine key behind which to go on; empty: the partition's beginning.
  std::string after;
  // 0: as many as one page may have.
  uint32_t limit = 0;
  // Otherwise records come without their value.
  bool include_values = false;
};

struct ScanRow {
  // token | namespace | 0x00 | key.
  std::string engine_key;
  model::Key key;
  model::Ballot accepted;
  // Tombstones and expired records are rows, too: whoever merges pages of several replicas needs
  // them.
  model::Record record;
};

struct ScanPage {
  // kOk, or why there are no rows: kWrongNode, kStaleEpoch, kCorrupt, kUnavailable, kInvalid.
  model::ReplyStatus status = model::ReplyStatus::kOk;
  std::string message;
  std::vector<ScanRow> rows;
  // The partition's end has been reached.
  bool complete = false;
  // Unless complete: where the next page begins (ScanRequest::after), also when no row was found.
  std::string resume_after;
  model::Ballot floor;
  // Highest HLC the replica has seen.
  uint64_t hlc = 0;
};

// Bounds of one page, so that a scan never holds up the requests behind it.
struct ScanBounds {
  size_t rows_max = 0;
  size_t steps_max = 0;
  size_t bytes_max = 0;
};

// Fills rows, complete, resume_after, and status kCorrupt or kUnavailable on an error of the
// engine. `range` is the partition's.
void ScanRecords(engine::Engine* engine, const engine::Range& range, const ScanRequest& request,
                 const ScanBounds& bounds, ScanPage* page);

}  // namespace quorumcache::replica
