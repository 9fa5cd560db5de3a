// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage_diff.h"

#include <algorithm>

#include "common/base/check.h"

namespace quorumcache::replica {

GarbageDiff::GarbageDiff(size_t replica_count, size_t keys_max)
    : keys_max_(keys_max), streams_(replica_count) {
  QC_CHECK(replica_count > 0 && keys_max > 0);
}

std::vector<GarbageDiff::Wanted> GarbageDiff::Start() const {
  std::vector<Wanted> wanted;
  for (size_t i = 0; i < streams_.size(); ++i) wanted.push_back(Wanted{i, ""});
  return wanted;
}

std::vector<GarbageDiff::Wanted> GarbageDiff::OnPage(size_t replica, const EntryPage& page) {
  Stream& stream = streams_.at(replica);
  QC_CHECK(stream.is_awaited && !is_finished_);
  stream.rows.insert(stream.rows.end(), page.rows.begin(), page.rows.end());
  stream.cursor = page.resume_after;
  stream.is_complete = page.complete;
  stream.is_awaited = false;
  const auto is_awaited = [](const Stream& other) { return other.is_awaited; };
  if (std::any_of(streams_.begin(), streams_.end(), is_awaited)) return {};
  Merge();
  std::vector<Wanted> wanted;
  for (size_t i = 0; i < streams_.size() && !is_finished_; ++i) {
    // Those that are ahead wait for the others.
    if (streams_[i].is_complete || !streams_[i].rows.empty()) continue;
    streams_[i].is_awaited = true;
    wanted.push_back(Wanted{i, streams_[i].cursor});
  }
  QC_CHECK(is_finished_ || !wanted.empty());
  return wanted;
}

void GarbageDiff::Merge() {
  const std::string* bound = nullptr;
  for (const Stream& stream : streams_) {
    if (stream.is_complete) continue;
    if (bound == nullptr || stream.cursor < *bound) bound = &stream.cursor;
  }
  while (keys_.size() < keys_max_ && TakeSmallest(bound)) {
  }
  is_complete_ = bound == nullptr && keys_.size() < keys_max_;
  is_finished_ = bound == nullptr || keys_.size() == keys_max_;
}

bool GarbageDiff::TakeSmallest(const std::string* bound) {
  const EntryRow* smallest = nullptr;
  for (const Stream& stream : streams_) {
    if (stream.rows.empty()) continue;
    const EntryRow& front = stream.rows.front();
    if (smallest == nullptr || front.engine_key < smallest->engine_key) smallest = &front;
  }
  if (smallest == nullptr || (bound != nullptr && smallest->engine_key > *bound)) return false;
  const EntryRow row = *smallest;
  size_t equal = 0;
  for (Stream& stream : streams_) {
    if (stream.rows.empty() || stream.rows.front().engine_key != row.engine_key) continue;
    equal += stream.rows.front() == row;
    stream.rows.pop_front();
  }
  if (equal < streams_.size()) keys_.push_back(row.engine_key);
  return true;
}

}  // namespace quorumcache::replica
