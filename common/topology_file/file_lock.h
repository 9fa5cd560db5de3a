// SPDX-License-Identifier: Apache-2.0
// FileLock: one writer at a time among all threads and processes of a machine.
//
// flock(2) on a file of its own, which stays: removing it would let a waiter lock a file that
// nobody else sees. The kernel lets go when the holder dies, so a crash locks nobody out.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/topology_file/unique_fd.h"

namespace quorumcache::topology_file {

// Held until destroyed. Thread-compatible.
class FileLock {
 public:
  // Makes `path` where it is missing and waits up to `timeout` for the lock. UNAVAILABLE: somebody
  // else holds it all that time, or the system's reason.
  static absl::StatusOr<FileLock> Acquire(const std::string& path, absl::Duration timeout);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace quorumcache::topology_file
