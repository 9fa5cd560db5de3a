// SPDX-License-Identifier: Apache-2.0
// rocksdb::Status as engine errors: the only place that knows both.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "storage_node/engine/error.h"

namespace rocksdb {
class Status;
}

namespace quorumcache::engine_rocksdb {

// What an error of a RocksDB call means. A miss (NotFound) is not an error and must not come here.
engine::Cause CauseOfRocks(const rocksdb::Status& status);

// OK for OK; otherwise the cause, with `what` we were doing in front of RocksDB's own words.
absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what);

}  // namespace quorumcache::engine_rocksdb
