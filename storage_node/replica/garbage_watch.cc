// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_watch.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace quorumcache::replica {

void GarbageWatch::OnRecord(uint32_t partition, uint64_t dead_at_ms) {
  Partition& state = partitions_.at(partition);
  state.earliest_ms = std::min(state.earliest_ms, dead_at_ms);
  // The walk may be past it already.
  if (state.is_walked) state.tally.earliest_ms = std::min(state.tally.earliest_ms, dead_at_ms);
}

void GarbageWatch::OnPage(const GarbageQuery& query, const GarbagePage& page) {
  Partition& state = partitions_.at(query.partition);
  const bool is_start = query.after.empty();
  const bool is_next = state.is_walked && !is_start && query.after == state.cursor;
  if (page.status != model::ReplyStatus::kOk || (!is_start && !is_next)) {
    state.is_walked = false;
    return;
  }
  if (is_start) state.tally = GarbageTally{};
  state.is_walked = true;
  state.tally.Add(page.tally);
  state.cursor = page.resume_after;
  if (page.complete) Finish(&state);
}

void GarbageWatch::Forget(uint32_t partition) {
  Partition& state = partitions_.at(partition);
  waiting_count_ -= state.waiting_count;
  waiting_bytes_ -= state.waiting_bytes;
  state = Partition{};
}

void GarbageWatch::Finish(Partition* partition) {
  QC_CHECK(waiting_count_ >= partition->waiting_count);
  waiting_count_ += partition->tally.count - partition->waiting_count;
  waiting_bytes_ += partition->tally.bytes - partition->waiting_bytes;
  partition->waiting_count = partition->tally.count;
  partition->waiting_bytes = partition->tally.bytes;
  partition->earliest_ms = partition->tally.earliest_ms;
  partition->is_walked = false;
  std::string().swap(partition->cursor);
}

}  // namespace quorumcache::replica
