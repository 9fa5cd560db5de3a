// SPDX-License-Identifier: Apache-2.0
// GarbageDiff: the keys that the replicas of a partition do not agree on, found from sorted pages
// of their entries.
//
// All replicas are read in step, so that no more than a page of each is held, however large the
// partition.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "storage_node/replica/garbage.h"

namespace quorumcache::replica {

// Thread-compatible.
class GarbageDiff {
 public:
  // Ends with the first `keys_max` keys. Requires: both above 0.
  GarbageDiff(size_t replica_count, size_t keys_max);

  // A page to ask for: of `replica`, behind the engine key `after`.
  struct Wanted {
    size_t replica = 0;
    std::string after;
  };
  // The pages to begin with.
  std::vector<Wanted> Start() const;
  // Takes a page that was wanted; those wanted now. Requires: page.status is kOk.
  std::vector<Wanted> OnPage(size_t replica, const EntryPage& page);

  // Nothing more is wanted, or awaited.
  bool is_finished() const { return is_finished_; }
  // Finished, with all keys rather than keys_max of them.
  bool is_complete() const { return is_complete_; }
  // Engine keys at which a replica has an entry that another has not, ascending.
  std::vector<std::string> TakeKeys() { return std::move(keys_); }

 private:
  struct Stream {
    std::deque<EntryRow> rows;
    std::string cursor;
    bool is_awaited = true;
    bool is_complete = false;
  };

  // Compares what is known of all replicas.
  void Merge();
  // Takes the smallest key out of all streams; false: there is none up to `bound`, where one is
  // set.
  bool TakeSmallest(const std::string* bound);

  const size_t keys_max_;
  std::vector<Stream> streams_;
  std::vector<std::string> keys_;
  bool is_finished_ = false;
  bool is_complete_ = false;
};

}  // namespace quorumcache::replica
