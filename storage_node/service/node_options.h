// SPDX-License-Identifier: Apache-2.0
// What qc-storage-node can be told: docs/OPERATIONS.md lists it with reasons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/runtime/options.h"
#include "common/topology_stores/store_options.h"

namespace quorumcache::node_service {

struct NodeOptions {
  std::string node_id;
  std::string listen = "127.0.0.1:7400";
  std::string http_listen = "127.0.0.1:7490";
  std::string data_dir;
  topology_stores::StoreOptions store;
  bool insecure = false;
  bool accept_rollback = false;
  std::string log_level = "info";
  std::string engine = "rocksdb";
  size_t record_cache_bytes = size_t{256} << 20;
  size_t block_cache_bytes = size_t{256} << 20;
  size_t write_buffer_bytes = size_t{64} << 20;
  absl::Duration wal_sync_interval = absl::Seconds(1);
  // Per second; 0: as fast as it can.
  size_t rebalance_bandwidth_bytes = 0;
  absl::Duration clock_skew_max = absl::Milliseconds(limits::kClockSkewMsMaxDefault);
  absl::Duration garbage_grace = absl::Milliseconds(limits::kGcGraceMsDefault);
  absl::Duration garbage_interval = absl::Minutes(1);
  size_t garbage_rate_bytes = size_t{16} << 20;
  bool allow_short_garbage_grace = false;
};

// Adds the table of options; `target` outlives `options`.
void AddNodeOptions(NodeOptions* target, runtime::Options* options);

// What takes more than one option, or a look at what an option means. INVALID_ARGUMENT,
// FAILED_PRECONDITION.
absl::Status ValidateNodeOptions(const NodeOptions& options);

}  // namespace quorumcache::node_service
