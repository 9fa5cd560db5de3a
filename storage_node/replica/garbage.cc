// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/garbage.h"

#include <algorithm>
#include <memory>

#include "common/hash/xxh64.h"
#include "common/model/hlc.h"
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

// The garbage of one record, dead by `query` or later.
GarbageTally TallyOf(const GarbageQuery& query, const engine::StateHeader& header,
                     size_t size_bytes) {
  GarbageTally tally;
  tally.earliest_ms = DeadAtMs(header.state, header.expire_at_ms, header.accepted);
  if (header.accepted > query.floor || !IsGarbage(header, query.now_ms)) return tally;
  tally.count = 1;
  tally.bytes = size_bytes;
  return tally;
}

// Calls visit(engine key, header, encoded size) for each record of a page; false: it is to go.
template <typename Visit>
void WalkPage(const GarbageWalk& walk, const GarbageQuery& query, GarbagePage* page, Visit visit) {
  page->floor = walk.floor;
  std::string begin(walk.range.begin);
  if (query.after >= walk.range.begin) begin = query.after + '\0';
  const std::unique_ptr<engine::Iterator> it =
      walk.engine->NewIterator(engine::Family::kRecords, engine::Range{begin, walk.range.end});
  absl::Status status;
  for (size_t steps = 0; it->Valid(); it->Next(), ++steps) {
    if (steps == walk.steps_max || page->walked_bytes >= walk.bytes_max) return;
    status = engine::VerifyRecord(it->key(), it->value());
    if (!status.ok()) break;
    const engine::StateHeader header = engine::DecodeHeader(it->value());
    const size_t size_bytes = it->key().size() + it->value().size();
    page->walked_bytes += size_bytes;
    if (visit(it->key(), header, it->value().size())) {
      page->tally.Add(TallyOf(query, header, size_bytes));
    }
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
  if (!IsGarbage(header, query.now_ms)) return true;
  return header.accepted > walk.floor && !query.live_only;
}

}  // namespace

void GarbageTally::Add(const GarbageTally& other) {
  earliest_ms = std::min(earliest_ms, other.earliest_ms);
  count += other.count;
  bytes += other.bytes;
}

uint64_t DeadAtMs(model::RecordState state, uint64_t expire_at_ms, const model::Ballot& accepted) {
  const uint64_t written_ms = model::HlcMillis(accepted.hlc);
  if (state == model::RecordState::kTombstone) return written_ms;
  if (state != model::RecordState::kValue || expire_at_ms == 0) return GarbageTally::kNever;
  return std::max(expire_at_ms, written_ms);
}

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
             return true;
           });
}

void ListEntries(const GarbageWalk& walk, const GarbageQuery& query, EntryPage* page) {
  WalkPage(walk, query, page,
           [&](absl::string_view key, const engine::StateHeader& header, size_t) {
             if (IsCompared(walk, query, header)) {
               page->rows.push_back(EntryRow{std::string(key), header.accepted});
             }
             return true;
           });
}

void FindGarbage(const GarbageWalk& walk, const GarbageQuery& query,
                 std::vector<GarbageRecord>* garbage, GarbagePage* page) {
  // What is above the query's floor has not been compared in this round.
  const model::Ballot limit = std::min(walk.floor, query.floor);
  WalkPage(walk, query, page,
           [&](absl::string_view key, const engine::StateHeader& header, size_t encoded_size) {
             if (header.accepted > limit || !IsGarbage(header, query.now_ms)) return true;
             garbage->push_back(
                 GarbageRecord{std::string(key), encoded_size, header.state, header.promised});
             return false;
           });
}

}  // namespace quorumcache::replica
