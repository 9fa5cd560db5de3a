// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/working_set.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "common/base/check.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/record_codec.h"

namespace quorumcache::replica {
namespace {

// Spreads tokens, whose high bits the keys of one partition share (Knuth's multiplicative hash).
constexpr uint64_t kMixer = 0x9E3779B97F4A7C15ull;

// All but the string's memory.
void ResetKey(WorkingKey* key) {
  std::string engine_key = std::move(key->engine_key);
  *key = WorkingKey{};
  key->engine_key = std::move(engine_key);
}

}  // namespace

model::Record WorkingKey::CurrentRecord() const {
  if (accepted_record != nullptr) return *accepted_record;
  if (committed.empty()) return {};
  return engine::DecodeRecord(committed);
}

void WorkingKey::SetCommitted(absl::string_view encoded, const model::Ballot& stored_promise_row) {
  promise_row = stored_promise_row;
  before.promised = promise_row;
  committed = encoded;
  committed_size = encoded.size();
  if (!encoded.empty()) {
    const engine::StateHeader header = engine::DecodeHeader(encoded);
    before.accepted = header.accepted;
    before.previous = header.previous;
    before.promised = std::max(promise_row, header.promised);
    state_before = header.state;
    expire_at_ms = header.expire_at_ms;
  }
  state = state_before;
  now = before;
  // A stored promise that has been overtaken says nothing more; it goes with the next change.
  if (now.promised <= now.accepted) now.promised = model::Ballot{};
}

void WorkingSet::Reset(size_t key_count_max) {
  size_ = 0;
  if (keys_.size() < key_count_max) keys_.resize(key_count_max);
  table_.assign(std::bit_ceil(2 * std::max<size_t>(key_count_max, 1)), kNoIndex);
}

uint32_t WorkingSet::Add(hash::Token token, const model::Key& key) {
  engine::EncodeKey(token, key, &scratch_);
  const size_t mask = table_.size() - 1;
  for (size_t i = (token * kMixer) & mask;; i = (i + 1) & mask) {
    if (table_[i] == kNoIndex) {
      table_[i] = size_;
      break;
    }
    if (keys_[table_[i]].token == token && keys_[table_[i]].engine_key == scratch_) {
      return table_[i];
    }
  }
  QC_CHECK(size_ < keys_.size());
  WorkingKey& added = keys_[size_];
  ResetKey(&added);
  added.token = token;
  added.engine_key.swap(scratch_);
  return size_++;
}

}  // namespace quorumcache::replica
