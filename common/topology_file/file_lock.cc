// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace quorumcache::topology_file {
namespace {

// A holder needs a few milliseconds, most of them for its fsyncs.
constexpr absl::Duration kFirstDelay = absl::Milliseconds(1);
constexpr absl::Duration kDelayMax = absl::Milliseconds(20);

}  // namespace

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path, absl::Duration timeout) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.ok()) {
    const int error = errno;
    return absl::UnavailableError(
        absl::StrCat("topology file: cannot open the lock ", path, ": ", strerror(error)));
  }
  // flock has no time-out of its own, so this asks again and again.
  const absl::Time deadline = absl::Now() + timeout;
  for (absl::Duration delay = kFirstDelay;; delay = std::min(delay * 2, kDelayMax)) {
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return FileLock(std::move(fd));
    const int error = errno;
    if (error != EWOULDBLOCK && error != EINTR) {
      return absl::UnavailableError(
          absl::StrCat("topology file: cannot lock ", path, ": ", strerror(error)));
    }
    if (absl::Now() >= deadline) break;
    absl::SleepFor(delay);
  }
  return absl::UnavailableError(absl::StrCat("topology file: another process has held the lock ",
                                             path, " for ", absl::FormatDuration(timeout),
                                             "; nothing was changed, try again (fuser ", path,
                                             " names the process)"));
}

}  // namespace quorumcache::topology_file
