// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/scan.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/record_codec.h"

namespace quorumcache::replica {
namespace {

void Fail(const absl::Status& status, ScanPage* page) {
  const bool is_corrupt = engine::CauseOf(status) == engine::Cause::kCorrupt;
  page->status = is_corrupt ? model::ReplyStatus::kCorrupt : model::ReplyStatus::kUnavailable;
  page->message = std::string(status.message());
  page->rows.clear();
}

bool IsAskedFor(const engine::KeyParts& key, const ScanRequest& request) {
  return (request.namespace_name.empty() || key.namespace_name == request.namespace_name) &&
         absl::StartsWith(key.bytes, request.prefix);
}

ScanRow MakeRow(absl::string_view engine_key, const engine::KeyParts& key,
                absl::string_view encoded, bool include_value) {
  ScanRow row;
  row.engine_key = std::string(engine_key);
  row.key = model::Key{std::string(key.namespace_name), std::string(key.bytes)};
  row.accepted = engine::DecodeHeader(encoded).accepted;
  row.record = engine::DecodeRecord(encoded);
  if (!include_value) std::string().swap(row.record.value);
  return row;
}

// Where the walk begins: the first key behind `after`, which is the shortest longer string.
std::string BeginOf(const engine::Range& range, absl::string_view after) {
  if (after < range.begin) return std::string(range.begin);
  std::string begin(after);
  begin.push_back('\0');
  return begin;
}

}  // namespace

void ScanRecords(engine::Engine* engine, const engine::Range& range, const ScanRequest& request,
                 const ScanBounds& bounds, ScanPage* page) {
  const std::string begin = BeginOf(range, request.after);
  const std::unique_ptr<engine::Iterator> it =
      engine->NewIterator(engine::Family::kRecords, engine::Range{begin, range.end});
  size_t steps = 0;
  size_t bytes = 0;
  for (; it->Valid(); it->Next()) {
    if (page->rows.size() >= bounds.rows_max || steps >= bounds.steps_max ||
        bytes >= bounds.bytes_max) {
      return;
    }
    ++steps;
    page->resume_after.assign(it->key().data(), it->key().size());
    const std::optional<engine::KeyParts> key = engine::DecodeKey(it->key());
    if (key && !IsAskedFor(*key, request)) continue;
    absl::Status verified =
        key ? engine::VerifyRecord(it->key(), it->value())
            : engine::MakeError(engine::Cause::kCorrupt, "a stored key is not an engine key");
    if (!verified.ok()) return Fail(verified, page);
    page->rows.push_back(MakeRow(it->key(), *key, it->value(), request.include_values));
    bytes += it->key().size() + page->rows.back().record.value.size();
  }
  if (!it->status().ok()) return Fail(it->status(), page);
  page->complete = true;
  page->resume_after.clear();
}

}  // namespace quorumcache::replica
