// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_lease.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/topology/lease_held.h"

namespace quorumcache::topology_file {
namespace {

absl::Status SystemError(absl::string_view path) {
  const int error = errno;
  return absl::UnavailableError(
      absl::StrCat("topology lease: cannot use ", path, ": ", strerror(error)));
}

// Whether its holder has not touched it for `ttl`. A time in the future is no proof of life either:
// the clock was set back.
absl::StatusOr<bool> IsStale(const UniqueFd& file, absl::string_view path, absl::Duration ttl) {
  struct stat info;
  if (fstat(file.get(), &info) != 0) return SystemError(path);
  const absl::Duration age = absl::Now() - absl::TimeFromTimespec(info.st_mtim);
  return age > ttl || age < -ttl;
}

// For people only, so a name that was cut off is no harm.
std::string HolderOf(const UniqueFd& file) {
  char name[256];
  const ssize_t size = pread(file.get(), name, sizeof(name), 0);
  return size > 0 ? std::string(name, static_cast<size_t>(size)) : "somebody";
}

// The file with a lock of ours on it; FAILED_PRECONDITION: another one's.
absl::StatusOr<UniqueFd> OpenLocked(const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.ok()) return SystemError(path);
  if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return SystemError(path);
  return absl::FailedPreconditionError("locked");
}

// A lease that nobody keeps alive any more is taken out of the way.
absl::Status RemoveStale(const std::string& path, absl::Duration ttl) {
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.ok()) return SystemError(path);
  QC_ASSIGN_OR_RETURN(const bool is_stale, IsStale(file, path, ttl));
  if (!is_stale) {
    return topology::LeaseHeldError(HolderOf(file), path);
  }
  return unlink(path.c_str()) == 0 ? absl::OkStatus() : SystemError(path);
}

absl::Status WriteHolder(const UniqueFd& file, absl::string_view holder, absl::string_view path) {
  // Truncating counts as a touch even where the name is the same as before.
  if (ftruncate(file.get(), 0) != 0 ||
      pwrite(file.get(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    return SystemError(path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileLease>> FileLease::TryAcquire(const std::string& path,
                                                                 absl::string_view holder,
                                                                 absl::Duration ttl) {
  absl::StatusOr<UniqueFd> file = OpenLocked(path);
  if (absl::IsFailedPrecondition(file.status())) {
    QC_RETURN_IF_ERROR(RemoveStale(path, ttl));
    file = OpenLocked(path);
  }
  QC_RETURN_IF_ERROR(file.status());
  QC_RETURN_IF_ERROR(WriteHolder(*file, holder, path));
  UniqueFd stop(eventfd(0, EFD_CLOEXEC));
  if (!stop.ok()) return SystemError(path);
  // No make_unique: the constructor is private.
  return std::unique_ptr<FileLease>(new FileLease(path, *std::move(file), std::move(stop), ttl));
}

FileLease::FileLease(std::string path, UniqueFd file, UniqueFd stop, absl::Duration ttl)
    : path_(std::move(path)),
      file_(std::move(file)),
      stop_(std::move(stop)),
      ttl_(ttl),
      thread_([this] { KeepAlive(); }) {}

FileLease::~FileLease() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the thread wakes up as well.
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

bool FileLease::held() const {
  struct stat info;
  return fstat(file_.get(), &info) == 0 && info.st_nlink > 0;
}

void FileLease::KeepAlive() const {
  // A third: two touches may be late before it counts as dead.
  const int interval_ms = static_cast<int>(absl::ToInt64Milliseconds(ttl_ / 3));
  while (true) {
    pollfd stop = {stop_.get(), POLLIN, 0};
    if (poll(&stop, 1, interval_ms) > 0) return;
    // nullptr: now. A failure shows as a lease that another one takes.
    [[maybe_unused]] const int touched = futimens(file_.get(), nullptr);
  }
}

}  // namespace quorumcache::topology_file
