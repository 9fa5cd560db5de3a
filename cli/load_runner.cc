// SPDX-License-Identifier: Apache-2.0
#include "cli/load_runner.h"

#include <algorithm>
#include <utility>

namespace quorumcache::cli {

LoadRunner::LoadRunner(LoadOptions options, std::function<int64_t()> now_nanos)
    : options_(options),
      now_nanos_(std::move(now_nanos)),
      keys_(options.distribution, options.key_count, options.seed),
      random_(options.seed + 1),
      started_nanos_(options.outstanding),
      kind_(options.outstanding),
      key_(options.outstanding),
      etags_(options.write == LoadKind::kCompareAndSet ? options.key_count : 0) {
  for (size_t slot = options.outstanding; slot > 0; --slot) free_.push_back(slot - 1);
}

void LoadRunner::StartIn(size_t slot, int64_t intended_nanos) {
  started_nanos_[slot] = intended_nanos;
  Choose(slot);
  door_->Start(slot, operation_);
}

void LoadRunner::Choose(size_t slot) {
  const bool writes = options_.write_share > 0 && random_.Fraction() < options_.write_share;
  key_[slot] = keys_.Next();
  MakeKey(key_[slot], options_.key_size, &operation_.key);
  operation_.kind = writes ? options_.write : LoadKind::kGet;
  if (operation_.kind == LoadKind::kCompareAndSet) {
    operation_.etag = etags_[key_[slot]];
    if (operation_.etag.empty()) operation_.kind = LoadKind::kSet;
  }
  kind_[slot] = operation_.kind;
}

int64_t LoadRunner::StartDue(int64_t now) {
  if (options_.rate == 0) {
    while (!free_.empty()) {
      const size_t slot = free_.back();
      free_.pop_back();
      StartIn(slot, now);
    }
    return 1'000'000'000;
  }
  const auto interval = static_cast<int64_t>(1e9 / options_.rate);
  if (next_start_nanos_ == 0) next_start_nanos_ = now;
  while (next_start_nanos_ <= now && !free_.empty()) {
    const size_t slot = free_.back();
    free_.pop_back();
    StartIn(slot, next_start_nanos_);
    next_start_nanos_ += interval;
  }
  // With every slot taken, only an answer helps.
  return free_.empty() ? 1'000'000'000 : std::max<int64_t>(next_start_nanos_ - now, 0);
}

void LoadRunner::Run(LoadDoor& door, int64_t duration_nanos) {
  door_ = &door;
  counts_ = LoadCounts();
  counts_.by_slot.assign(options_.outstanding, 0);
  int64_t now = now_nanos_();
  const int64_t end = now + duration_nanos;
  while (now < end) {
    const int64_t idle = StartDue(now);
    door.Poll(absl::Nanoseconds(std::min(idle, end - now)));
    now = now_nanos_();
  }
}

void LoadRunner::Count(size_t slot, const LoadResult& result, int64_t now) {
  if (!etags_.empty()) etags_[key_[slot]].assign(result.etag.data(), result.etag.size());
  if (result.code != 0) {
    counts_.errors.Add(result.code, result.reason);
    counts_.unknown += result.unknown ? 1 : 0;
    return;
  }
  ++counts_.succeeded;
  ++counts_.by_slot[slot];
  counts_.latencies.AddNanos(now - started_nanos_[slot]);
  if (kind_[slot] == LoadKind::kGet) {
    ++counts_.gets;
    counts_.hits += result.found ? 1 : 0;
  }
}

void LoadRunner::OnDone(size_t slot, const LoadResult& result) {
  const int64_t now = now_nanos_();
  Count(slot, result, now);
  // A failure may come at once, for ever: its slot waits for the next round. So does everything in
  // an open loop.
  if (options_.rate == 0 && result.code == 0) {
    StartIn(slot, now);
  } else {
    free_.push_back(slot);
  }
}

}  // namespace quorumcache::cli
