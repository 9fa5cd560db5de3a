// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/error.h"

#include "common/base/check.h"

namespace quorumcache::engine {
namespace {

absl::StatusCode CodeOf(Cause cause) {
  switch (cause) {
    case Cause::kNone:
      return absl::StatusCode::kOk;
    case Cause::kDiskFull:
      return absl::StatusCode::kResourceExhausted;
    case Cause::kReadOnly:
      return absl::StatusCode::kUnavailable;
    case Cause::kCorrupt:
      return absl::StatusCode::kDataLoss;
    case Cause::kIo:
      return absl::StatusCode::kInternal;
    case Cause::kLocked:
      return absl::StatusCode::kAlreadyExists;
    case Cause::kInvalid:
      return absl::StatusCode::kFailedPrecondition;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status MakeError(Cause cause, absl::string_view message) {
  QC_CHECK(cause != Cause::kNone);
  return absl::Status(CodeOf(cause), message);
}

Cause CauseOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Cause::kNone;
    case absl::StatusCode::kResourceExhausted:
      return Cause::kDiskFull;
    case absl::StatusCode::kUnavailable:
      return Cause::kReadOnly;
    case absl::StatusCode::kDataLoss:
      return Cause::kCorrupt;
    case absl::StatusCode::kAlreadyExists:
      return Cause::kLocked;
    case absl::StatusCode::kFailedPrecondition:
      return Cause::kInvalid;
    default:
      return Cause::kIo;
  }
}

}  // namespace quorumcache::engine
