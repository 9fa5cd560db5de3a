// SPDX-License-Identifier: Apache-2.0
// The name of every metric, in one place; docs/OPERATIONS.md says what to do when they move.
//
// The first four of the coordinator's are fixed by the product's origin: dashboards depend on them.
#pragma once

#include "common/metrics/registry.h"

namespace quorumcache::metrics {

// --- both kinds of process ---
inline constexpr MetricName kBuildInfo = {"cache_build_info", "Always 1; the version is a label."};
inline constexpr MetricName kReady = {"cache_ready",
                                      "1: this process can serve: what /readyz answers."};
inline constexpr MetricName kTopologyEpoch = {
    "cache_topology_epoch", "Epoch of the cluster map that this process works with."};
inline constexpr MetricName kTopologyAge = {
    "cache_topology_age_seconds", "Time since the topology store last confirmed the cluster map."};
inline constexpr MetricName kGrpcStarted = {"grpc_server_started_total",
                                            "RPCs started, by method."};
inline constexpr MetricName kGrpcHandled = {"grpc_server_handled_total",
                                            "RPCs completed, by method and status code."};

namespace coordinator {

inline constexpr MetricName kHits = {"cache_hits_total", "Reads that found a value."};
inline constexpr MetricName kMisses = {"cache_misses_total", "Reads that found no value."};
// {operation}
inline constexpr MetricName kRequests = {"cache_requests_total", "Requests, by operation."};
inline constexpr MetricName kRequestLatency = {"cache_request_latency_seconds",
                                               "Time from request to answer, by operation."};
// {operation, code}
inline constexpr MetricName kErrors = {"cache_errors_total",
                                       "Failed requests, by operation and status code."};
inline constexpr MetricName kQuorumFailures = {
    "cache_quorum_failures_total", "Requests that failed because too few replicas answered."};
inline constexpr MetricName kUnknownOutcomes = {
    "cache_unknown_outcomes_total",
    "Writes of which the caller was told that the outcome is unknown."};
inline constexpr MetricName kReadRepairs = {
    "cache_read_repairs_total", "Reads that wrote the newest record back before they answered."};
inline constexpr MetricName kHedges = {"cache_hedged_reads_total",
                                       "Reads that asked one more replica because one was slow."};
inline constexpr MetricName kWriteFallbacks = {
    "cache_write_fallbacks_total", "Refused blind writes that went on as conditional operations."};
inline constexpr MetricName kSlowOperations = {
    "cache_slow_operations_total", "Operations that took longer than --slow-threshold."};
inline constexpr MetricName kInFlight = {"cache_requests_in_flight", "Requests under way."};
inline constexpr MetricName kShed = {"cache_requests_shed_total",
                                     "Requests refused because too much was under way."};
// {node}
inline constexpr MetricName kReplicaRequests = {"cache_replica_requests_total",
                                                "Requests sent to a storage node."};
inline constexpr MetricName kReplicaBatches = {
    "cache_replica_batches_total", "Messages in which requests left for a storage node."};
inline constexpr MetricName kReplicaInFlight = {
    "cache_replica_in_flight", "Requests that a storage node has not answered yet."};
inline constexpr MetricName kReplicaConnects = {"cache_replica_connects_total",
                                                "Streams to a storage node that were opened."};
inline constexpr MetricName kReplicaBreaks = {"cache_replica_breaks_total",
                                              "Streams, and attempts to open one, that failed."};
inline constexpr MetricName kReplicaFailures = {
    "cache_replica_failures_total", "Requests that a storage node did not answer, or refused."};
inline constexpr MetricName kReplicaLatency = {"cache_replica_latency_seconds",
                                               "Time until a storage node answered."};
inline constexpr MetricName kReplicaUp = {"cache_replica_up",
                                          "1: the stream to the storage node is open."};
// {state = all_ok | quorum | lost}
inline constexpr MetricName kRanges = {
    "cache_ranges", "Partitions by state: every replica is up, a majority is, or less."};
inline constexpr MetricName kClusterHealthy = {"cache_cluster_healthy",
                                               "1: no partition has lost its majority."};

// {state = done | moving | waiting}
inline constexpr MetricName kRebalanceReplicas = {
    "cache_rebalance_replicas",
    "Replicas that the change under way copies, by state; all 0 without one."};
inline constexpr MetricName kRebalanceDrives = {"cache_rebalance_driving",
                                                "1: this coordinator drives the change under way."};

}  // namespace coordinator

namespace storage_node {

inline constexpr MetricName kEntries = {"cache_entries", "Records stored, an estimate."};
inline constexpr MetricName kBytes = {"cache_bytes", "Bytes of live data, an estimate."};
inline constexpr MetricName kDiskBytes = {"cache_disk_bytes", "Bytes of all data files."};
// {kind = read | prepare | accept}
inline constexpr MetricName kReplicaRequests = {"cache_replica_requests_total",
                                                "Requests applied, by kind."};
inline constexpr MetricName kRefusals = {"cache_replica_refusals_total",
                                         "Requests refused, by reason."};
inline constexpr MetricName kBatches = {"cache_replica_batches_total", "Batches applied."};
inline constexpr MetricName kBatchLatency = {"cache_replica_batch_latency_seconds",
                                             "Time to apply a batch."};
inline constexpr MetricName kStreams = {"cache_replica_streams", "Open replica streams."};
inline constexpr MetricName kTombstones = {"cache_tombstones",
                                           "Deletions that are still remembered, an estimate."};
inline constexpr MetricName kExpirations = {"cache_expirations_total", "Expired records dropped."};
inline constexpr MetricName kTombstonesDropped = {"cache_tombstones_dropped_total",
                                                  "Deletions forgotten."};
inline constexpr MetricName kGarbageEntries = {
    "cache_garbage_entries",
    "Deletions and expired records past the grace that are still stored, when last looked at."};
inline constexpr MetricName kGarbageBytes = {"cache_garbage_bytes", "Bytes of the same."};
inline constexpr MetricName kGarbageOverduePartitions = {
    "cache_garbage_overdue_partitions", "Partitions with such, after the last pass."};
inline constexpr MetricName kGarbageOldest = {
    "cache_garbage_oldest_seconds",
    "By how much the oldest of it was past the grace after the last pass."};
// {result}
inline constexpr MetricName kGarbageRounds = {
    "cache_garbage_rounds_total", "Garbage rounds that this node has run, by how they ended."};
// {reason}
inline constexpr MetricName kGarbageWaiting = {
    "cache_garbage_waiting_partitions",
    "Partitions of this node's rounds that the last pass had to leave, by reason."};
inline constexpr MetricName kGarbagePasses = {"cache_garbage_passes_total",
                                              "Passes over this node's partitions."};
inline constexpr MetricName kGarbageRepairedKeys = {
    "cache_garbage_repaired_keys_total", "Keys that garbage rounds made equal on all replicas."};
inline constexpr MetricName kGarbageWalkedBytes = {
    "cache_garbage_walked_bytes_total",
    "Bytes that rounds of this node looked at, on all replicas."};
inline constexpr MetricName kRecordCacheHits = {"cache_record_cache_hits_total",
                                                "Lookups that the record cache answered."};
inline constexpr MetricName kRecordCacheMisses = {"cache_record_cache_misses_total",
                                                  "Lookups that went to RocksDB."};
inline constexpr MetricName kRecordCacheBytes = {"cache_record_cache_bytes",
                                                 "Bytes held by the record cache."};
inline constexpr MetricName kRecordCacheCapacity = {"cache_record_cache_capacity_bytes",
                                                    "Bytes that the record cache may hold."};
inline constexpr MetricName kRecordCacheEvictions = {
    "cache_record_cache_evictions_total",
    "Records that left the record cache for others; they stay on the disk."};
inline constexpr MetricName kReadOnly = {
    "cache_read_only", "1: writes are refused because of a disk error (see the log)."};
inline constexpr MetricName kChecksumErrors = {"cache_checksum_errors_total",
                                               "Records that failed their checksum."};
inline constexpr MetricName kWalBytes = {"cache_wal_bytes_total",
                                         "Bytes written to the write-ahead log."};
inline constexpr MetricName kWalSyncSeconds = {"cache_wal_sync_seconds_total",
                                               "Time spent in fsync of the write-ahead log."};
inline constexpr MetricName kWalSyncMax = {
    "cache_wal_sync_max_seconds",
    "The longest fsync of the write-ahead log since the last scrape."};
inline constexpr MetricName kDiskFreeBytes = {
    "cache_disk_free_bytes", "Bytes that the file system of the data directory has left for us."};
inline constexpr MetricName kDiskSizeBytes = {"cache_disk_size_bytes",
                                              "Size of the file system of the data directory."};
inline constexpr MetricName kWalSyncs = {"cache_wal_syncs_total",
                                         "Times the write-ahead log was fsynced."};
inline constexpr MetricName kRocksBlockCacheBytes = {"cache_rocksdb_block_cache_bytes",
                                                     "Bytes in RocksDB's block cache."};
inline constexpr MetricName kRocksBlockCacheCapacity = {
    "cache_rocksdb_block_cache_capacity_bytes", "Bytes that RocksDB's block cache may hold."};
inline constexpr MetricName kRocksBlockCacheHits = {"cache_rocksdb_block_cache_hits_total",
                                                    "Blocks that RocksDB's block cache had."};
inline constexpr MetricName kRocksBlockCacheMisses = {"cache_rocksdb_block_cache_misses_total",
                                                      "Blocks that RocksDB read from a file."};
inline constexpr MetricName kRocksStallSeconds = {"cache_rocksdb_stall_seconds_total",
                                                  "Time for which RocksDB held writes back."};
inline constexpr MetricName kRocksMemtableBytes = {"cache_rocksdb_memtable_bytes",
                                                   "Bytes in RocksDB's memtables."};
inline constexpr MetricName kRocksPendingCompactionBytes = {
    "cache_rocksdb_pending_compaction_bytes", "Bytes that compaction still has to rewrite."};
inline constexpr MetricName kRocksStalled = {"cache_rocksdb_writes_stalled",
                                             "1: RocksDB slows or stops writes."};

inline constexpr MetricName kRebalanceJoining = {"cache_rebalance_partitions_joining",
                                                 "Partitions that are being copied to this node."};
inline constexpr MetricName kRebalanceLeaving = {
    "cache_rebalance_partitions_leaving",
    "Partitions that have left this node and are still on its disk."};
inline constexpr MetricName kRebalanceReceived = {"cache_rebalance_received_bytes_total",
                                                  "Bytes of partitions copied to this node."};
inline constexpr MetricName kRebalanceSent = {"cache_rebalance_sent_bytes_total",
                                              "Bytes of partitions given to other nodes."};
inline constexpr MetricName kRebalancePagesFailed = {
    "cache_rebalance_pages_failed_total", "Pages of partitions that could not be fetched."};
inline constexpr MetricName kRebalanceDropped = {
    "cache_rebalance_dropped_entries_total",
    "Records dropped because their partition has left this node."};

}  // namespace storage_node

}  // namespace quorumcache::metrics
