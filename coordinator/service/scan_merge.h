// SPDX-License-Identifier: Apache-2.0
// What a partition holds, from what several of its replicas say it holds: per key the newest ballot
// wins.
//
// A scan is weaker than a read (docs/PROTOCOL.md#levels): a key that is there throughout is seen at
// least once, because any majority of replicas has a member that holds its newest acknowledged
// record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/service/cache_backend.h"
#include "quorumcache/internal/v1/replica.pb.h"

namespace quorumcache::service {

// How far a merge got.
struct MergeResult {
  // Every replica's partition is exhausted.
  bool complete = false;
  // Engine key behind which to go on, where it is not complete.
  std::string after;
};

// How much a page may take. Value.
struct PageRoom {
  size_t entries = 0;
  size_t bytes = 0;
};

// Merges `pages` (rows in engine-key order, all asked with the same `after`) and appends the live
// entries to `entries`, until `room` is used up; an entry larger than the rest of the room is taken
// when it is the first. Moves values out of `pages`. `now_ms` judges expiry.
MergeResult MergeScanPages(std::vector<internal::v1::ScanPartitionResponse>& pages, uint64_t now_ms,
                           PageRoom& room, std::vector<ScanEntry>& entries);

}  // namespace quorumcache::service
