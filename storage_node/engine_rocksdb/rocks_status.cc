// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/rocks_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/status.h"

namespace quorumcache::engine_rocksdb {
namespace {

using engine::Cause;

// RocksDB has no code for "the LOCK file is held": only these words (env/fs_posix.cc).
bool IsLockError(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && (absl::StrContains(text, "While lock file") ||
                                absl::StrContains(text, "lock hold by current process"));
}

}  // namespace

Cause CauseOfRocks(const rocksdb::Status& status) {
  if (status.ok()) return Cause::kNone;
  if (status.IsNoSpace()) return Cause::kDiskFull;
  if (status.IsCorruption()) return Cause::kCorrupt;
  if (IsLockError(status)) return Cause::kLocked;
  if (status.IsInvalidArgument() || status.IsNotSupported()) return Cause::kInvalid;
  if (status.IsShutdownInProgress()) return Cause::kReadOnly;
  return Cause::kIo;
}

absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what) {
  if (status.ok()) return absl::OkStatus();
  return engine::MakeError(CauseOfRocks(status), absl::StrCat(what, ": ", status.ToString()));
}

}  // namespace quorumcache::engine_rocksdb
