// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage.h"

#include <memory>

#include "common/hash/xxh64.h"
#include "storage_node/engine/bytes.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/record_codec.h"

namespace quorumcache::replica {
namespace {

bool IsGarbage(const engine::StateHeader& header, uint64_t now_ms) {
  return !model::IsLive(header.state, header.expire_at_ms, now_ms);
}

uint64_t HashOf(absl::string_view seed, absl::string_view engine_key,
                absl::string_view ballot_bytes) {
  hash::Xxh64 hash;
  hash.Update(seed);
  hash.Update(engine_key);
  hash.Update(ballot_bytes);
  return hash.Digest();
}

// Calls visit(engine key, header, encoded size) for each record of a page.
template <typename Visit>
void WalkPage(const GarbageWalk& walk, const GarbageQuery& query, GarbagePage* page, Visit visit) {
  page->floor = walk.floor;
  std::string begin(walk.range.begin);
  if (query.after >= walk.range.begin) begin = query.after + '\0';
  const std::unique_ptr<engine::Iterator> it =
      walk.engine->NewIterator(engine::Family::kRecords, engine::Range{begin, walk.range.end});
  absl::Status status;
  for (size_t steps = 0; it->Valid(); it->Next(), ++steps) {
    if (steps == walk.steps_max) return;
    status = engine::VerifyRecord(it->key(), it->value());
    if (!status.ok()) break;
    visit(it->key(), engine::DecodeHeader(it->value()), it->value().size());
    page->resume_after.assign(it->key().data(), it->key().size());
  }
  if (status.ok()) status = it->status();
  page->complete = status.ok();
  if (status.ok()) return;
  page->status = engine::CauseOf(status) == engine::Cause::kCorrupt
                     ? model::ReplyStatus::kCorrupt
                     : model::ReplyStatus::kUnavailable;
  page->message = std::string(status.message());
}

// Whether a record counts when replicas are compared up to query.floor.
bool IsCompared(const GarbageWalk& walk, const GarbageQuery& query,
                const engine::StateHeader& header) {
  if (header.accepted > query.floor) return false;
  return header.accepted > walk.floor || !IsGarbage(header, query.now_ms);
}

}  // namespace

void EntryDigest::Add(absl::string_view engine_key, const model::Ballot& accepted) {
  std::string ballot_bytes;
  engine::AppendBallot(accepted, &ballot_bytes);
  ++count;
  low += HashOf("low", engine_key, ballot_bytes);
  high += HashOf("high", engine_key, ballot_bytes);
}

void EntryDigest::Add(const EntryDigest& other) {
  count += other.count;
  low += other.low;
  high += other.high;
}

void DigestEntries(const GarbageWalk& walk, const GarbageQuery& query, DigestPage* page) {
  WalkPage(walk, query, page,
           [&](absl::string_view key, const engine::StateHeader& header, size_t) {
             if (IsCompared(walk, query, header)) page->digest.Add(key, header.accepted);
           });
}

void ListEntries(const GarbageWalk& walk, const GarbageQuery& query, EntryPage* page) {
  WalkPage(walk, query, page,
           [&](absl::string_view key, const engine::StateHeader& header, size_t) {
             if (!IsCompared(walk, query, header)) return;
             page->rows.push_back(EntryRow{std::string(key), header.accepted});
           });
}

void FindGarbage(const GarbageWalk& walk, const GarbageQuery& query,
                 std::vector<GarbageRecord>* garbage, GarbagePage* page) {
  WalkPage(walk, query, page,
           [&](absl::string_view key, const engine::StateHeader& header, size_t encoded_size) {
             if (header.accepted > walk.floor || !IsGarbage(header, query.now_ms)) return;
             garbage->push_back(GarbageRecord{std::string(key), encoded_size, header.state});
           });
}

}  // namespace quorumcache::replica
