// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_options.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/runtime/listen_address.h"
#include "common/runtime/logging.h"
#include "common/topology/validate.h"

namespace quorumcache::node_service {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kTiB = size_t{1} << 40;

void AddIdentityOptions(NodeOptions* target, runtime::Options* options) {
  options->AddString(
      "node-id", &target->node_id,
      {.help = "Name of this node in the cluster map; required.", .value_name = "ID"});
  topology_stores::AddStoreOptions(&target->store, options);
  options->AddString("data-dir", &target->data_dir,
                     {.help = "Directory of this node's data; required. Made where it is missing.",
                      .value_name = "DIR"});
  options->AddBool("accept-rollback", &target->accept_rollback,
                   {.help = "Serve although the machine went down while the node ran.",
                    .reason = "Off: writes acknowledged from the page cache may be gone, and a "
                              "replica that forgets makes reads go back in time."});
}

void AddDoorOptions(NodeOptions* target, runtime::Options* options) {
  options->AddString("listen", &target->listen,
                     {.help = "Address of the gRPC door.", .value_name = "HOST:PORT"});
  options->AddString(
      "http-listen", &target->http_listen,
      {.help = "Address of /metrics, /livez and /readyz.", .value_name = "HOST:PORT"});
  options->AddBool("insecure", &target->insecure,
                   {.help = "Allow addresses that other machines can reach, without TLS or tokens.",
                    .reason = "Off: whoever reaches a storage node may read and write all of it."});
  options->AddChoice("log-level", &target->log_level, {"info", "warning", "error"},
                     {.help = "Log lines below this are dropped."});
}

void AddStorageOptions(NodeOptions* target, runtime::Options* options) {
  options->AddChoice("engine", &target->engine, {"rocksdb", "memory"},
                     {.help = "Where records are kept; memory forgets them at the end: for "
                              "measurements only."});
  options->AddByteSize(
      "record-cache", &target->record_cache_bytes, size_t{0}, kTiB,
      {.help = "Hot records kept in memory, decoded.",
       .reason =
           "Holds about a million records of 100 bytes: a Set of a cached key reads nothing."});
  options->AddByteSize("block-cache", &target->block_cache_bytes, kMiB, kTiB,
                       {.help = "RocksDB's cache of blocks of its sorted files."});
  options->AddByteSize("write-buffer", &target->write_buffer_bytes, kMiB, kTiB,
                       {.help = "RocksDB's memtable; up to four of them are in memory.",
                        .reason = "Larger ones mean fewer, larger files."});
  options->AddDuration("wal-sync-interval", &target->wal_sync_interval, absl::Milliseconds(10),
                       absl::Minutes(1),
                       {.help = "What was written without fsync is on the disk after so long."});
  options->AddByteSize("rebalance-bandwidth", &target->rebalance_bandwidth_bytes, size_t{0}, kTiB,
                       {.help = "Partitions are copied to this node at no more than this per "
                                "second; 0: as fast as clients leave room for."});
  options->AddDuration("max-clock-skew", &target->clock_skew_max, absl::Milliseconds(1),
                       absl::Minutes(1),
                       {.help = "Requests whose clock is ahead of this node's by more are refused.",
                        .reason = "One bad clock must not poison keys for years."});
}

void AddGarbageOptions(NodeOptions* target, runtime::Options* options) {
  options->AddDuration(
      "garbage-grace", &target->garbage_grace, absl::Milliseconds(1), absl::Hours(24 * 7),
      {.help = "Deleted and expired records are dropped so long after their death.",
       .reason = "Above the largest clock skew and the longest deadline, so that "
                 "no clock drops a record early."});
  options->AddDuration(
      "garbage-interval", &target->garbage_interval, absl::Milliseconds(10), absl::Hours(24),
      {.help = "Between two passes over this node's partitions, a quarter more or less."});
  options->AddByteSize(
      "garbage-rate", &target->garbage_rate_bytes, size_t{64} << 10, kTiB,
      {.help = "Bytes a second that a pass looks at, on each replica.",
       .reason = "A hundred thousand small records a second cost a few percent of a core."});
  options->AddBool("allow-short-garbage-grace", &target->allow_short_garbage_grace,
                   {.help = "Accept a --garbage-grace below the largest clock skew and the longest "
                            "deadline: for tests only.",
                    .reason = "Off: a clock that is behind could still see what has gone."});
}

absl::Status ValidateGarbageGrace(const NodeOptions& options) {
  const absl::Duration least =
      options.clock_skew_max + absl::Milliseconds(limits::kOperationTimeoutMsMax);
  if (options.garbage_grace > least || options.allow_short_garbage_grace) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--garbage-grace: ", absl::FormatDuration(options.garbage_grace),
                   ": must be above ", absl::FormatDuration(least),
                   ", the largest clock skew and the longest deadline of a request"));
}

}  // namespace

void AddNodeOptions(NodeOptions* target, runtime::Options* options) {
  AddIdentityOptions(target, options);
  AddDoorOptions(target, options);
  AddStorageOptions(target, options);
  AddGarbageOptions(target, options);
}

absl::Status ValidateNodeOptions(const NodeOptions& options) {
  if (options.node_id.empty()) return absl::InvalidArgumentError("--node-id is required");
  if (const absl::Status valid = topology::ValidateNodeId(options.node_id); !valid.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--node-id: ", valid.message()));
  }
  if (options.data_dir.empty()) return absl::InvalidArgumentError("--data-dir is required");
  QC_RETURN_IF_ERROR(topology_stores::CheckStoreOptions(options.store));
  QC_RETURN_IF_ERROR(ValidateGarbageGrace(options));
  QC_RETURN_IF_ERROR(runtime::CheckListenAddress("--listen", options.listen, options.insecure));
  return runtime::CheckListenAddress("--http-listen", options.http_listen, options.insecure);
}

}  // namespace quorumcache::node_service
