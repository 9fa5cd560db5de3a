// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/write_batch.h"

#include "common/base/check.h"

namespace quorumcache::engine {
namespace {

// A batch that held one huge value must not keep its memory for ever.
constexpr size_t kKeptBytesMax = size_t{8} << 20;

}  // namespace

void WriteBatch::Clear() {
  if (bytes_.capacity() > kKeptBytesMax) {
    std::string().swap(bytes_);
  }
  bytes_.clear();
  entries_.clear();
}

WriteBatch::Change WriteBatch::at(size_t i) const {
  QC_CHECK(i < entries_.size());
  const Entry& entry = entries_[i];
  const char* key = bytes_.data() + entry.offset;
  return Change{entry.kind, entry.family, absl::string_view(key, entry.key_size),
                absl::string_view(key + entry.key_size, entry.value_size)};
}

void WriteBatch::Append(Kind kind, Family family, absl::string_view key, absl::string_view value) {
  QC_CHECK(!key.empty() || kind == Kind::kDeleteRange);
  entries_.push_back(
      Entry{kind, family, static_cast<uint32_t>(key.size()), bytes_.size(), value.size()});
  bytes_.append(key.data(), key.size());
  bytes_.append(value.data(), value.size());
}

}  // namespace quorumcache::engine
