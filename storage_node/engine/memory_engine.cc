// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/memory_engine.h"

#include <utility>

#include "common/base/check.h"

namespace quorumcache::engine {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class CopyIterator : public Iterator {
 public:
  explicit CopyIterator(Entries entries) : entries_(std::move(entries)) {}

  bool Valid() const override { return position_ < entries_.size(); }
  void Next() override {
    QC_CHECK(Valid());
    ++position_;
  }
  absl::string_view key() const override { return entries_.at(position_).first; }
  absl::string_view value() const override { return entries_.at(position_).second; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  Entries entries_;
  size_t position_ = 0;
};

// A limit, so that a long run without fsync does not fill the memory with history: what is older
// counts as written back by the kernel, as it would be after some seconds.
constexpr size_t kUnsyncedBatchesMax = 4096;

}  // namespace

void MemoryEngine::MultiGet(Family family, std::span<const absl::string_view> keys,
                            std::span<Lookup> lookups) {
  QC_CHECK(keys.size() == lookups.size());
  const Map& values = map(family);
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto it = values.find(keys[i]);
    lookups[i].status = absl::OkStatus();
    lookups[i].found = it != values.end();
    if (lookups[i].found) lookups[i].value = it->second;
  }
}

absl::Status MemoryEngine::Health() const {
  if (is_fenced_) return MakeError(Cause::kIo, "an fsync failed; restart and rejoin");
  if (disk_is_full_) return MakeError(Cause::kDiskFull, "no space left on the device");
  return absl::OkStatus();
}

absl::Status MemoryEngine::Write(const WriteBatch& batch, bool fsync) {
  if (absl::Status health = Health(); !health.ok()) return health;
  if (!batch.empty()) {
    std::vector<Before> before;
    for (size_t i = 0; i < batch.size(); ++i) {
      const WriteBatch::Change change = batch.at(i);
      switch (change.kind) {
        case WriteBatch::Kind::kPut:
          ApplyPut(change, &before);
          break;
        case WriteBatch::Kind::kDelete:
          ApplyDelete(change, &before);
          break;
        case WriteBatch::Kind::kDeleteRange:
          ApplyDeleteRange(change, &before);
          break;
      }
    }
    if (undo_.size() == kUnsyncedBatchesMax) undo_.erase(undo_.begin(), undo_.begin() + 1024);
    undo_.push_back(std::move(before));
  }
  if (!fsync) return absl::OkStatus();
  if (fsync_fails_) {
    is_fenced_ = true;
    return Health();
  }
  undo_.clear();
  return absl::OkStatus();
}

void MemoryEngine::ApplyPut(const WriteBatch::Change& change, std::vector<Before>* before) {
  Map& values = map(change.family);
  const auto it = values.find(change.key);
  if (it == values.end()) {
    before->push_back({change.family, std::string(change.key), std::nullopt});
    values.emplace(std::string(change.key), std::string(change.value));
    return;
  }
  before->push_back({change.family, it->first, std::move(it->second)});
  it->second.assign(change.value.data(), change.value.size());
}

void MemoryEngine::ApplyDelete(const WriteBatch::Change& change, std::vector<Before>* before) {
  Map& values = map(change.family);
  const auto it = values.find(change.key);
  if (it == values.end()) return;
  before->push_back({change.family, it->first, std::move(it->second)});
  values.erase(it);
}

void MemoryEngine::ApplyDeleteRange(const WriteBatch::Change& change, std::vector<Before>* before) {
  Map& values = map(change.family);
  auto it = values.lower_bound(change.key);
  while (it != values.end() && (change.value.empty() || it->first < change.value)) {
    before->push_back({change.family, it->first, std::move(it->second)});
    it = values.erase(it);
  }
}

std::unique_ptr<Iterator> MemoryEngine::NewIterator(Family family, const Range& range) {
  Entries entries;
  const Map& values = map(family);
  for (auto it = values.lower_bound(range.begin); it != values.end() && range.Contains(it->first);
       ++it) {
    entries.emplace_back(it->first, it->second);
  }
  return std::make_unique<CopyIterator>(std::move(entries));
}

uint64_t MemoryEngine::ApproximateBytes(Family family, const Range& range) {
  uint64_t bytes = 0;
  const Map& values = map(family);
  for (auto it = values.lower_bound(range.begin); it != values.end() && range.Contains(it->first);
       ++it) {
    bytes += it->first.size() + it->second.size();
  }
  return bytes;
}

uint64_t MemoryEngine::ApproximateEntries(Family family) {
  return map(family).size();
}

void MemoryEngine::PowerFail(size_t kept_count) {
  while (undo_.size() > kept_count) {
    std::vector<Before>& batch = undo_.back();
    for (auto before = batch.rbegin(); before != batch.rend(); ++before) {
      if (before->value) {
        map(before->family)[before->key] = *std::move(before->value);
      } else {
        map(before->family).erase(before->key);
      }
    }
    undo_.pop_back();
  }
  undo_.clear();
  Restart();
}

void MemoryEngine::Restart() {
  fsync_fails_ = false;
  is_fenced_ = false;
}

bool MemoryEngine::CorruptValue(Family family, absl::string_view key, size_t byte_index) {
  Map& values = map(family);
  const auto it = values.find(key);
  if (it == values.end() || it->second.empty()) return false;
  it->second[byte_index % it->second.size()] ^= 1;
  return true;
}

void MemoryEngine::Wipe() {
  for (Map& values : maps_) values.clear();
  undo_.clear();
  Restart();
}

}  // namespace quorumcache::engine
