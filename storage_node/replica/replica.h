// SPDX-License-Identifier: Apache-2.0
// Replica: what a storage node does with the requests of coordinators. The acceptor of
// docs/PROTOCOL.md.
//
// Pure: no threads, clock, gRPC or logging; time arrives as an argument, storage is an Engine. The
// same object runs in the storage node over RocksDB and in the simulator over memory.
//
// A batch of requests is one unit of work: the keys that are not in the record cache are read with
// one MultiGet per family, each request is decided in order, and all changes go down in one
// Engine::Write (fsynced if any of them asks for it). Replies exist only after that write has
// succeeded. When it fails, the requests that depend on it are answered with the reason and cache,
// epochs and floors are as before.
//
// Invariants (docs/PROTOCOL.md#invariants), checked in every build:
//   I1  A and P of a key never decrease: Acceptor before and after each batch.
//   I5  a refused ballot is not accepted later: follows from I1 and from the floor, which only
//   rises. I6  nothing is answered for an epoch below the persisted one: the gate, and partitions
//   are committed
//       with the batch that raised them.
//   I8  nothing at or below the floor appears where it was absent: checked at every accepted
//   ballot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/limits.h"
#include "common/model/hlc.h"
#include "common/model/replica_message.h"
#include "storage_node/engine/engine.h"
#include "storage_node/replica/execution.h"
#include "storage_node/replica/garbage.h"
#include "storage_node/replica/garbage_watch.h"
#include "storage_node/replica/gate.h"
#include "storage_node/replica/meta_codec.h"
#include "storage_node/replica/partition_table.h"
#include "storage_node/replica/record_cache.h"
#include "storage_node/replica/scan.h"
#include "storage_node/replica/test_mutations.h"
#include "storage_node/replica/transfer.h"
#include "storage_node/replica/transfer_page.h"
#include "storage_node/replica/working_set.h"

namespace quorumcache::replica {

struct ReplicaOptions {
  // Of this node's data directory; not 0.
  uint64_t incarnation = 0;
  // A power of two, fixed when the cluster is made.
  uint32_t partition_count = limits::kPartitionsDefault;
  uint64_t clock_skew_ms_max = limits::kClockSkewMsMaxDefault;
  size_t cache_bytes_max = size_t{64} << 20;
  TestMutations mutations;
};

// Since the start; for metrics.
struct ReplicaCounters {
  uint64_t reads = 0;
  uint64_t prepares = 0;
  uint64_t accepts = 0;
  uint64_t refused = 0;
  uint64_t turned_away = 0;    // by the gate
  uint64_t corrupt = 0;        // requests for keys whose record fails its checksum
  uint64_t failed_writes = 0;  // batches
  uint64_t expired_dropped = 0;
  uint64_t tombstones_dropped = 0;
};

// Thread-compatible: one thread at a time.
class Replica {
 public:
  // Reads epochs, floors and counters. `engine` outlives the replica. kCorrupt, kIo, kInvalid.
  static absl::StatusOr<std::unique_ptr<Replica>> Open(engine::Engine* engine,
                                                       const ReplicaOptions& options);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Takes what the cluster map says of some partitions; a partition never named is not held. Higher
  // epochs are on the disk when this returns OK; after an error nothing has changed. Lower ones are
  // ignored.
  absl::Status Configure(std::span<const PartitionAssignment> assignments);

  // Answers requests[i] in (*replies)[i]. `wall_ms`: this node's clock, milliseconds since 1970.
  void Apply(std::span<const model::ReplicaRequest> requests, uint64_t wall_ms,
             std::vector<model::ReplicaReply>* replies);

  // One page, bounded in rows, bytes and work.
  ScanPage Scan(const ScanRequest& request);

  // Forgetting (docs/PROTOCOL.md#forgetting; garbage_round.h drives it). One page each. `wall_ms`:
  // this node's clock; a query that is ahead of it is refused.
  DigestPage Digest(const GarbageQuery& query, uint64_t wall_ms);
  EntryPage ListEntries(const GarbageQuery& query, uint64_t wall_ms);
  // From now on, and across restarts, nothing with a ballot up to query.floor is accepted that is
  // not held already.
  GarbagePage RaiseFloor(const GarbageQuery& query, uint64_t wall_ms);
  // Drops garbage at or below query.floor and the replica's own; only once all replicas have raised
  // it and have been found to have the same live entries below it. From then on, and across
  // restarts, replies say that what is dead up to there may be missing (ReplicaReply::forgotten).
  DropPage DropGarbage(const GarbageQuery& query, uint64_t wall_ms);

  // Moving (docs/PROTOCOL.md#moving; joiner.h and dropper.h drive it).

  // One page of all that is kept of a partition. Learns the request's epochs, which are on the disk
  // before a byte is served.
  PullReply Export(const PullRequest& request);
  // Merges one page into the copy that is being made, and writes down where the next one begins,
  // together.
  ImportResult Import(const ImportRequest& request);
  // Where the pages of a join go on; all 0 where nothing is joined.
  JoinProgress ProgressOf(uint32_t partition) const;
  // Every partition of which this node is the joiner.
  std::vector<JoinState> Joins() const;
  // Some of what is left of a partition that is not held any more. Requires: nobody will need it
  // (dropper.h).
  DropProgress DropSome(uint32_t partition);

  // Writes down what is only written now and then, fsynced. Before a clean shutdown.
  absl::Status Flush();

  // OK, or why writes fail: the engine's reason, or kIo once an error has fenced this replica. A
  // fenced one answers kUnavailable to everything until it is opened anew.
  absl::Status Health() const;

  const EntryCounts& counts() const { return counts_; }
  const ReplicaCounters& counters() const { return counters_; }
  const RecordCache& cache() const { return cache_; }
  const PartitionTable& partitions() const { return partitions_; }
  const GarbageWatch& garbage() const { return garbage_; }
  uint64_t highest_hlc() const { return clock_.last(); }

 private:
  // What Apply knows of one request.
  struct RequestState {
    // Into work_; kNoIndex: turned away.
    uint32_t key = kNoIndex;
    // Its yes holds only once an earlier write is on the disk.
    bool needs_fsync = false;
  };

  Replica(engine::Engine* engine, const ReplicaOptions& options);

  absl::Status LoadMeta();
  absl::Status LoadJoins();
  // The new state of copies that this map begins, or lets count as whole; pending. Adds to `wiped`
  // the partitions whose remains of an earlier stay have to go.
  void PlanCopies(std::span<const PartitionAssignment> assignments, std::vector<uint32_t>* wiped);
  absl::Status PersistAndWipe(const std::vector<uint32_t>& wiped);
  absl::Status ImportPage(const ImportRequest& request);
  absl::Status WriteImport(const ImportRequest& request, const TransferPage& page);
  absl::Status CheckImport(const ImportRequest& request, const TransferPage& page) const;
  absl::Status MergeRows(const ImportRequest& request, const TransferPage& page,
                         EntryCounts* change);
  absl::Status MergeRow(const ImportRequest& request, const TransferRow& row,
                        const engine::Lookup& record, const engine::Lookup& promise,
                        EntryCounts* change);
  // Moves the source's cursor behind the page; true when enough sources have come to their end.
  bool Advance(const ImportRequest& request, const TransferPage& page,
               JoinProgress* progress) const;
  // As the gate for one request; a higher epoch is on the disk when it says kOk.
  Admission CheckGarbage(const GarbageQuery& query, uint64_t wall_ms);
  // Raises what may be missing to what the query lets drop.
  Admission Forget(const GarbageQuery& query, uint64_t wall_ms);
  // Calls body(walk), where `walk` covers the partition, unless the query is refused.
  template <typename Body>
  void WalkForGarbage(const GarbageQuery& query, uint64_t wall_ms, GarbagePage* page, Body body);
  absl::Status DropRecords(const std::vector<GarbageRecord>& garbage);
  void Admit(std::span<const model::ReplicaRequest> requests, uint64_t wall_ms,
             std::vector<model::ReplicaReply>* replies);
  void LoadKeys();
  void FetchMisses();
  void TakeFetched(const engine::Lookup& record, const engine::Lookup& promise, WorkingKey* key);
  void ExecuteAdmitted(uint32_t index, const model::ReplicaRequest& request,
                       model::ReplicaReply* reply);

  void EncodeChanges();
  void EncodeChange(WorkingKey* key);
  // Adds the node row when the HLC has passed its persisted bound.
  void AppendNodeRowIfDue();
  absl::Status WriteBatchDown(bool fsync);
  // Writes down raised epochs and floors, fsynced; takes them back when that fails.
  absl::Status PersistPending();
  void Publish();
  void Count(const WorkingKey& key, absl::string_view encoded);
  void FailDependents(const absl::Status& status, std::span<const model::ReplicaRequest> requests,
                      std::vector<model::ReplicaReply>* replies);
  void Fence(const absl::Status& status);

  engine::Engine* const engine_;
  const ReplicaOptions options_;
  PartitionTable partitions_;
  model::HybridClock clock_;
  Gate gate_;
  RecordCache cache_;
  GarbageWatch garbage_;
  // Not OK once an error has made the engine's state unknown.
  absl::Status fence_;
  uint64_t hlc_bound_ = 0;
  EntryCounts counts_;
  ReplicaCounters counters_;
  // By partition; of joins under way. What is on the disk, and what this process has merged.
  std::map<uint32_t, JoinProgress> joins_;
  std::map<uint32_t, JoinState> merged_;

  // Of the batch under way; members so that their memory is kept.
  WorkingSet work_;
  std::vector<RequestState> request_states_;
  std::vector<uint32_t> misses_;
  std::vector<absl::string_view> miss_keys_;
  std::vector<engine::Lookup> record_lookups_;
  std::vector<engine::Lookup> promise_lookups_;
  engine::WriteBatch batch_;
  std::string scratch_;
  // TestMutations::reply_before_persist: what the next Apply writes.
  engine::WriteBatch deferred_;
};

}  // namespace quorumcache::replica
