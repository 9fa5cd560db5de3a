// SPDX-License-Identifier: Apache-2.0
// What can go wrong in a storage engine, as a cause that other layers can act on.
//
// A miss is not an error. Each cause is one absl::StatusCode, so an engine error is an ordinary
// absl::Status, and CauseOf(MakeError(cause, ...)) == cause.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::engine {

enum class Cause : uint8_t {
  kNone,      // OK
  kDiskFull,  // nothing was written; reads go on; writes succeed again once space returns
  kReadOnly,  // nothing was written; reads go on; the reason is in the message
  kCorrupt,   // what is stored fails its checksum: it is neither present nor absent
  kIo,        // a read, write or fsync failed: what was to be written may or may not be there
  kLocked,    // another process has the data directory open
  kInvalid,   // the data directory is not one of ours, or of a format this build does not know
};

// Requires: cause != kNone.
absl::Status MakeError(Cause cause, absl::string_view message);
// kNone for OK; kIo, the most cautious cause, for an error that no engine makes.
Cause CauseOf(const absl::Status& status);

}  // namespace quorumcache::engine
