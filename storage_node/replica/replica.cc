// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/replica.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/probe.h"
#include "common/base/status_macros.h"
#include "common/hash/token.h"
#include "storage_node/engine/key_codec.h"
#include "storage_node/engine/record_codec.h"

namespace quorumcache::replica {
namespace {

using engine::Cause;
using engine::Family;
using model::ReplyStatus;

// How far ahead the persisted bound of the HLC is set. Small, because after a restart the replica
// reports the bound, and a coordinator whose clock it pushes ahead must not be refused for it.
constexpr uint64_t kHlcBoundStepMs = 100;
// Lookup buffers above this are given back after the batch.
constexpr size_t kKeptLookupBytesMax = size_t{1} << 20;
constexpr ScanBounds kScanBounds = {limits::kBatchKeysMax, 20'000, limits::kStreamBatchBytesMax};

// The answer to a request that depended on a write which failed. Only where the engine says that
// nothing was written may the sender conclude that nothing ever will be.
ReplyStatus StatusOfFailedWrite(const absl::Status& status) {
  switch (engine::CauseOf(status)) {
    case Cause::kDiskFull:
      return ReplyStatus::kDiskFull;
    case Cause::kReadOnly:
      return ReplyStatus::kUnavailable;
    default:
      return ReplyStatus::kLost;
  }
}

// The stored bytes of a key, verified; empty: there are none.
absl::StatusOr<absl::string_view> VerifiedRecord(absl::string_view engine_key,
                                                 const engine::Lookup& lookup) {
  QC_RETURN_IF_ERROR(lookup.status);
  if (!lookup.found) return absl::string_view();
  QC_RETURN_IF_ERROR(engine::VerifyRecord(engine_key, lookup.value));
  return absl::string_view(lookup.value);
}

// Zero: there is none.
absl::StatusOr<model::Ballot> VerifiedPromise(absl::string_view engine_key,
                                              const engine::Lookup& lookup) {
  QC_RETURN_IF_ERROR(lookup.status);
  model::Ballot promised;
  if (lookup.found) {
    QC_RETURN_IF_ERROR(engine::DecodePromise(engine_key, lookup.value, &promised));
  }
  return promised;
}

// The row of the record that the batch has accepted, with the promise that stands above it: a row
// of its own would cost as much again as the record's (docs/adr/0025).
void EncodeAccepted(const TestMutations& mutations, const WorkingKey& key, std::string* out) {
  engine::RowBallots ballots{key.now.accepted, key.now.previous, key.now.promised};
  if (mutations.forget_promise_at_restart) ballots.promised = model::Ballot{};
  if (!mutations.forget_lineage) {
    engine::EncodeRecord(key.engine_key, ballots, *key.accepted_record, out);
    return;
  }
  model::Record forgetful = *key.accepted_record;
  forgetful.lineage = model::Lineage();
  engine::EncodeRecord(key.engine_key, ballots, forgetful, out);
}

// Makes `promised` the promise's own row; zero: there is none. A promise that the record's row
// carries and nothing has raised stays there.
void AppendPromiseRow(const model::Ballot& promised, WorkingKey* key, std::string* scratch,
                      engine::WriteBatch* batch) {
  if (promised == key->promise_row) return;
  if (!promised.IsZero() && promised == key->before.promised) return;
  key->promise_row = promised;
  if (promised.IsZero()) {
    batch->Delete(Family::kPromises, key->engine_key);
    return;
  }
  engine::EncodePromise(key->engine_key, promised, scratch);
  batch->Put(Family::kPromises, key->engine_key, *scratch);
}

void Fail(ReplyStatus status, absl::string_view message, model::ReplicaReply* reply) {
  *reply = model::ReplicaReply{};
  reply->status = status;
  reply->message = std::string(message);
}

}  // namespace

Replica::Replica(engine::Engine* engine, const ReplicaOptions& options)
    : engine_(engine),
      options_(options),
      partitions_(options.partition_count),
      gate_(GateOptions{options.incarnation, options.clock_skew_ms_max, options.mutations},
            &partitions_, &clock_),
      cache_(options.cache_bytes_max),
      garbage_(options.partition_count) {}

absl::StatusOr<std::unique_ptr<Replica>> Replica::Open(engine::Engine* engine,
                                                       const ReplicaOptions& options) {
  QC_CHECK(options.incarnation != 0);
  std::unique_ptr<Replica> replica(new Replica(engine, options));
  QC_RETURN_IF_ERROR(replica->LoadMeta());
  return replica;
}

absl::Status Replica::LoadMeta() {
  QC_RETURN_IF_ERROR(partitions_.Load(engine_));
  QC_RETURN_IF_ERROR(LoadJoins());
  const absl::string_view key = kNodeRowKey;
  engine::Lookup lookup;
  engine_->MultiGet(Family::kMeta, {&key, 1}, {&lookup, 1});
  QC_RETURN_IF_ERROR(lookup.status);
  if (!lookup.found) return absl::OkStatus();
  NodeRow row;
  QC_RETURN_IF_ERROR(DecodeNodeRow(lookup.value, &row));
  hlc_bound_ = row.hlc_bound;
  if (!options_.mutations.forget_clock_at_restart) clock_.Observe(row.hlc_bound);
  counts_ = row.counts;
  return absl::OkStatus();
}

absl::Status Replica::Configure(std::span<const PartitionAssignment> assignments) {
  QC_RETURN_IF_ERROR(fence_);
  std::vector<uint32_t> wiped;
  PlanCopies(assignments, &wiped);
  for (const PartitionAssignment& assignment : assignments) {
    QC_CHECK(assignment.partition < partitions_.size());
    partitions_.RaiseEpoch(assignment.partition, assignment.epoch);
    partitions_.RaiseBallotFloorEpoch(assignment.partition, assignment.ballot_floor_epoch);
  }
  QC_RETURN_IF_ERROR(PersistAndWipe(wiped));
  for (const PartitionAssignment& assignment : assignments) {
    // An old map must not take away what a newer one has given.
    if (assignment.epoch < partitions_.row(assignment.partition).epoch) continue;
    partitions_.Assign(assignment);
    if (!assignment.is_held) garbage_.Forget(assignment.partition);
  }
  return absl::OkStatus();
}

void Replica::Apply(std::span<const model::ReplicaRequest> requests, uint64_t wall_ms,
                    std::vector<model::ReplicaReply>* replies) {
  replies->clear();
  replies->resize(requests.size());
  if (!deferred_.empty()) {
    engine_->Write(std::exchange(deferred_, {}), /*fsync=*/false).IgnoreError();
  }
  Admit(requests, wall_ms, replies);
  LoadKeys();
  bool fsync = partitions_.HasPending();
  for (uint32_t i = 0; i < requests.size(); ++i) {
    if (request_states_[i].key == kNoIndex) continue;
    ExecuteAdmitted(i, requests[i], &(*replies)[i]);
    fsync = fsync || request_states_[i].needs_fsync;
  }
  EncodeChanges();
  const bool only_reads = batch_.empty() && !fsync;
  const uint64_t hlc_bound_before = hlc_bound_;
  AppendNodeRowIfDue();
  const absl::Status status = WriteBatchDown(fsync);
  if (!status.ok()) hlc_bound_ = hlc_bound_before;
  if (status.ok() || only_reads || options_.mutations.ignore_write_error) {
    partitions_.Commit();
    Publish();
  } else {
    if (partitions_.HasPending()) QC_PROBE("replica_epoch_rolled_back");
    FailDependents(status, requests, replies);
    partitions_.Rollback();
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    (*replies)[i].hlc = clock_.last();
    if (requests[i].partition < partitions_.size()) {
      const PartitionRow& row = partitions_.row(requests[i].partition);
      (*replies)[i].forgotten = options_.mutations.floor_is_forgotten ? row.floor : row.forgotten;
    }
  }
}

void Replica::Admit(std::span<const model::ReplicaRequest> requests, uint64_t wall_ms,
                    std::vector<model::ReplicaReply>* replies) {
  work_.Reset(requests.size());
  request_states_.assign(requests.size(), RequestState{});
  for (size_t i = 0; i < requests.size(); ++i) {
    const model::ReplicaRequest& request = requests[i];
    Admission admission = fence_.ok()
                              ? gate_.Admit(request, wall_ms)
                              : Admission{ReplyStatus::kUnavailable, std::string(fence_.message())};
    if (admission.status == ReplyStatus::kOk) {
      const hash::Token token = hash::TokenOf(request.key.namespace_name, request.key.bytes);
      if (hash::PartitionOf(token, partitions_.size()) == request.partition) {
        request_states_[i].key = work_.Add(token, request.key);
        continue;
      }
      admission = {ReplyStatus::kInvalid,
                   absl::StrCat("the key is not of partition ", request.partition)};
    }
    ++counters_.turned_away;
    (*replies)[i].status = admission.status;
    (*replies)[i].message = std::move(admission.message);
  }
}

void Replica::LoadKeys() {
  misses_.clear();
  miss_keys_.clear();
  for (uint32_t i = 0; i < work_.size(); ++i) {
    WorkingKey& key = work_.at(i);
    const std::optional<RecordCache::Hit> hit = cache_.Find(key.token, key.engine_key);
    if (!hit) {
      misses_.push_back(i);
      miss_keys_.push_back(key.engine_key);
      continue;
    }
    key.was_cached = true;
    key.SetCommitted(hit->encoded, hit->promised);
  }
  if (!misses_.empty()) FetchMisses();
}

void Replica::FetchMisses() {
  const size_t count = misses_.size();
  if (record_lookups_.size() < count) {
    record_lookups_.resize(count);
    promise_lookups_.resize(count);
  }
  const std::span<engine::Lookup> records(record_lookups_.data(), count);
  const std::span<engine::Lookup> promises(promise_lookups_.data(), count);
  for (engine::Lookup& lookup : records) {
    if (lookup.value.capacity() > kKeptLookupBytesMax) std::string().swap(lookup.value);
  }
  engine_->MultiGet(Family::kRecords, miss_keys_, records);
  engine_->MultiGet(Family::kPromises, miss_keys_, promises);
  for (size_t i = 0; i < count; ++i) {
    TakeFetched(records[i], promises[i], &work_.at(misses_[i]));
  }
}

void Replica::TakeFetched(const engine::Lookup& record, const engine::Lookup& promise,
                          WorkingKey* key) {
  const absl::StatusOr<absl::string_view> encoded = VerifiedRecord(key->engine_key, record);
  const absl::StatusOr<model::Ballot> promised = VerifiedPromise(key->engine_key, promise);
  if (encoded.ok() && promised.ok()) {
    key->SetCommitted(*encoded, *promised);
    return;
  }
  if (options_.mutations.corrupt_reads_as_absent) return;
  key->status = encoded.ok() ? promised.status() : encoded.status();
  if (engine::CauseOf(key->status) != Cause::kCorrupt) Fence(key->status);
}

void Replica::ExecuteAdmitted(uint32_t index, const model::ReplicaRequest& request,
                              model::ReplicaReply* reply) {
  RequestState& state = request_states_[index];
  WorkingKey& key = work_.at(state.key);
  if (!key.status.ok()) {
    QC_PROBE("replica_key_unreadable");
    const bool is_corrupt = engine::CauseOf(key.status) == Cause::kCorrupt;
    counters_.corrupt += is_corrupt;
    Fail(is_corrupt ? ReplyStatus::kCorrupt : ReplyStatus::kUnavailable, key.status.message(),
         reply);
    return;
  }
  const uint32_t epoch = partitions_.row(request.partition).epoch;
  if (request.epoch < epoch && !SkipsEpoch(request) && !options_.mutations.no_fence) {
    // Admitted before a later request of this batch brought the higher epoch: I6.
    QC_PROBE("replica_epoch_overtaken_in_batch");
    Fail(ReplyStatus::kStaleEpoch, absl::StrCat("partition is at epoch ", epoch), reply);
    ++counters_.turned_away;
    return;
  }
  const Executed executed =
      Execute(request, partitions_.row(request.partition), options_.mutations, &key, reply);
  state.needs_fsync = executed.needs_fsync;
  if (executed.is_change && !key.IsChanged()) key.first_change = index;
  ++(std::holds_alternative<model::ReadRequest>(request.body)      ? counters_.reads
     : std::holds_alternative<model::PrepareRequest>(request.body) ? counters_.prepares
                                                                   : counters_.accepts);
  counters_.refused += reply->status == ReplyStatus::kRefused;
}

void Replica::EncodeChanges() {
  batch_.Clear();
  for (uint32_t i = 0; i < work_.size(); ++i) {
    if (work_.at(i).IsChanged()) EncodeChange(&work_.at(i));
  }
  partitions_.AppendPending(&batch_, !options_.mutations.fence_not_persisted);
}

void Replica::EncodeChange(WorkingKey* key) {
  // I1, over the whole batch.
  QC_CHECK(key->now.accepted >= key->before.accepted || options_.mutations.ignore_accepted);
  QC_CHECK(key->now.promise() >= key->before.promise() || options_.mutations.ignore_accepted);
  const bool has_record = key->accepted_record != nullptr;
  if (has_record) {
    EncodeAccepted(options_.mutations, *key, &scratch_);
    key->put_index = static_cast<uint32_t>(batch_.size());
    batch_.Put(Family::kRecords, key->engine_key, scratch_);
  }
  if (options_.mutations.forget_promise_at_restart) {
    key->promise_row = key->now.promised;  // in the cache alone
    return;
  }
  const model::Ballot in_own_row = has_record ? model::Ballot{} : key->now.promised;
  AppendPromiseRow(in_own_row, key, &scratch_, &batch_);
}

void Replica::AppendNodeRowIfDue() {
  if (clock_.last() <= hlc_bound_) return;
  hlc_bound_ = clock_.last() + model::HlcFromMillis(kHlcBoundStepMs);
  batch_.Put(Family::kMeta, kNodeRowKey, EncodeNodeRow(NodeRow{hlc_bound_, counts_}));
}

absl::Status Replica::WriteBatchDown(bool fsync) {
  if (batch_.empty() && !fsync) return absl::OkStatus();
  if (options_.mutations.reply_before_persist && !fsync) {
    deferred_ = batch_;
    return absl::OkStatus();
  }
  absl::Status status = engine_->Write(batch_, fsync);
  if (status.ok()) return status;
  QC_PROBE("replica_write_failed");
  ++counters_.failed_writes;
  if (StatusOfFailedWrite(status) == ReplyStatus::kLost) Fence(status);
  return status;
}

void Replica::Publish() {
  for (uint32_t i = 0; i < work_.size(); ++i) {
    const WorkingKey& key = work_.at(i);
    if (!key.status.ok() || (key.was_cached && !key.IsChanged())) continue;
    const bool has_new_record = key.put_index != kNoIndex;
    const absl::string_view encoded =
        has_new_record ? batch_.at(key.put_index).value : key.committed;
    if (has_new_record) Count(key, encoded);
    // What was cached and only promised borrows from the cache itself.
    if (key.was_cached && !has_new_record) {
      cache_.SetPromised(key.token, key.engine_key, key.promise_row);
    } else {
      cache_.Put(key.token, key.engine_key, key.promise_row, encoded);
    }
  }
}

void Replica::Count(const WorkingKey& key, absl::string_view encoded) {
  const auto count = [this](model::RecordState state, int64_t sign) {
    if (state == model::RecordState::kValue) counts_.values += sign;
    if (state == model::RecordState::kTombstone) counts_.tombstones += sign;
  };
  garbage_.OnRecord(hash::PartitionOf(key.token, partitions_.size()),
                    DeadAtMs(key.state, key.expire_at_ms, key.now.accepted));
  count(key.state_before, -1);
  count(key.state, +1);
  if (key.committed_size == 0) counts_.bytes += static_cast<int64_t>(key.engine_key.size());
  counts_.bytes += static_cast<int64_t>(encoded.size()) - static_cast<int64_t>(key.committed_size);
}

void Replica::FailDependents(const absl::Status& status,
                             std::span<const model::ReplicaRequest> requests,
                             std::vector<model::ReplicaReply>* replies) {
  const ReplyStatus failed = StatusOfFailedWrite(status);
  for (uint32_t i = 0; i < requests.size(); ++i) {
    const RequestState& state = request_states_[i];
    const bool depends_on_change = state.key != kNoIndex && i >= work_.at(state.key).first_change;
    const bool depends_on_epoch =
        requests[i].partition < partitions_.size() && partitions_.IsPending(requests[i].partition);
    if (depends_on_change || depends_on_epoch || state.needs_fsync) {
      Fail(failed, status.message(), &(*replies)[i]);
    }
  }
}

void Replica::Fence(const absl::Status& status) {
  if (!fence_.ok()) return;
  QC_PROBE("replica_fenced");
  fence_ = engine::MakeError(Cause::kIo, absl::StrCat("fenced after an error: ", status.message()));
}

ScanPage Replica::Scan(const ScanRequest& request) {
  ScanPage page;
  page.hlc = clock_.last();
  Admission admission =
      fence_.ok() ? gate_.AdmitPartition(request.partition, request.epoch, request.incarnation)
                  : Admission{ReplyStatus::kUnavailable, std::string(fence_.message())};
  if (admission.status == ReplyStatus::kOk) {
    if (const absl::Status status = PersistPending(); !status.ok()) {
      admission = {ReplyStatus::kUnavailable, std::string(status.message())};
    }
  }
  page.status = admission.status;
  page.message = std::move(admission.message);
  if (page.status != ReplyStatus::kOk) return page;
  page.floor = partitions_.row(request.partition).floor;
  ScanBounds bounds = kScanBounds;
  if (request.limit != 0) bounds.rows_max = std::min<size_t>(bounds.rows_max, request.limit);
  const engine::PartitionBounds keys = engine::BoundsOf(request.partition, partitions_.size());
  ScanRecords(engine_, engine::Range{keys.begin, keys.end}, request, bounds, &page);
  return page;
}

absl::Status Replica::PersistPending() {
  if (!partitions_.HasPending()) return absl::OkStatus();
  batch_.Clear();
  partitions_.AppendPending(&batch_, !options_.mutations.fence_not_persisted);
  const uint64_t hlc_bound_before = hlc_bound_;
  // A floor is not to outlive the time that it was raised by.
  AppendNodeRowIfDue();
  absl::Status status = WriteBatchDown(/*fsync=*/true);
  if (status.ok()) {
    partitions_.Commit();
  } else {
    hlc_bound_ = hlc_bound_before;
    partitions_.Rollback();
  }
  return status;
}

absl::Status Replica::Flush() {
  QC_RETURN_IF_ERROR(fence_);
  batch_.Clear();
  batch_.Put(Family::kMeta, kNodeRowKey, EncodeNodeRow(NodeRow{hlc_bound_, counts_}));
  return WriteBatchDown(/*fsync=*/true);
}

absl::Status Replica::Health() const {
  return fence_.ok() ? engine_->Health() : fence_;
}

}  // namespace quorumcache::replica
