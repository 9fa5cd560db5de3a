// SPDX-License-Identifier: Apache-2.0
// Dropper: forgets the partitions that have left this node, when nobody can need them any more.
//
// A node that has left keeps what it had until a majority of the partition's nodes have written
// down the epoch at which it left: from then on no quorum that counted it can form. Then it goes,
// page by page. Protocol: docs/PROTOCOL.md#moving.
//
// Pure: no threads, clock, gRPC or logging; time arrives as an argument, intent leaves as Actions.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/time.h"
#include "storage_node/replica/assignments.h"
#include "storage_node/replica/transfer.h"

namespace quorumcache::replica {

struct DropperOptions {
  // Between questions, and after a failed drop.
  absl::Duration poll = absl::Seconds(1);
  // A planted bug: nobody is asked.
  bool drops_unasked = false;
};

// Thread-compatible.
class Dropper {
 public:
  // Which epochs a node has written down; gets exactly one OnEpochs.
  struct Ask {
    uint64_t id = 0;
    NodeRef node;
    std::vector<uint32_t> partitions;
  };
  struct Actions {
    std::vector<Ask> asks;
    // To be given to Replica::DropSome, unless it is held again; each gets exactly one OnDropped.
    std::vector<uint32_t> drops;
  };

  explicit Dropper(const DropperOptions& options) : options_(options) {}

  // What the map says now (DropTasksOf); tasks not named any more are given up.
  [[nodiscard]] Actions OnTasks(const std::vector<DropTask>& tasks, base::MonotonicTime now);
  // `epochs`: in the order of the ask; an error where the node could not be asked.
  [[nodiscard]] Actions OnEpochs(uint64_t id, const absl::StatusOr<std::vector<uint32_t>>& epochs,
                                 base::MonotonicTime now);
  // An error also where the partition is held again.
  [[nodiscard]] Actions OnDropped(uint32_t partition, const DropProgress& progress,
                                  base::MonotonicTime now);
  [[nodiscard]] Actions OnTimer(base::MonotonicTime now);
  base::MonotonicTime wake_at() const;

  size_t drops_left() const { return tasks_.size(); }

 private:
  struct Work {
    DropTask task;
    // Ids of the others that have written the epoch down.
    std::set<std::string> fenced;

    bool IsFree() const { return fenced.size() >= task.others_needed; }
  };

  // Drops one partition at a time.
  void Drop(base::MonotonicTime now, Actions* actions);
  void AskAll(base::MonotonicTime now, Actions* actions);

  const DropperOptions options_;
  // By partition.
  std::map<uint32_t, Work> tasks_;
  // By id.
  std::map<uint64_t, Ask> asks_;
  uint64_t last_id_ = 0;
  bool is_dropping_ = false;
  base::MonotonicTime next_ask_;
  base::MonotonicTime next_drop_;
};

}  // namespace quorumcache::replica
