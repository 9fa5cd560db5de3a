// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/runtime/thread_priority.h"
#include "common/topology_file/file_io.h"

namespace quorumcache::topology_file {
namespace {

// A file moved here, written here, or gone.
constexpr uint32_t kEvents = IN_MOVED_TO | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

absl::Status CannotWatch(const std::string& path) {
  const int error = errno;
  const absl::string_view hint =
      error == EMFILE || error == ENOSPC
          ? " (raise the sysctl fs.inotify.max_user_instances or max_user_watches)"
          : "";
  return absl::UnavailableError(
      absl::StrCat("topology file: cannot watch ", path, ": ", strerror(error), hint));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileWatch>> FileWatch::Start(const std::string& path,
                                                            absl::Duration recheck_interval,
                                                            FileWatchActions actions) {
  UniqueFd inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.ok()) return CannotWatch(path);
  if (inotify_add_watch(inotify.get(), DirectoryOf(path).c_str(), kEvents) < 0) {
    return CannotWatch(DirectoryOf(path));
  }
  UniqueFd stop(eventfd(0, EFD_CLOEXEC));
  if (!stop.ok()) return CannotWatch(path);
  // No make_unique: the constructor is private.
  std::unique_ptr<FileWatch> watch(new FileWatch(path, recheck_interval, std::move(actions),
                                                 std::move(inotify), std::move(stop)));
  watch->thread_ = std::thread([raw = watch.get()] { raw->Run(); });
  return watch;
}

FileWatch::FileWatch(std::string path, absl::Duration recheck_interval, FileWatchActions actions,
                     UniqueFd inotify, UniqueFd stop)
    : path_(std::move(path)),
      name_(NameOf(path_)),
      recheck_interval_(recheck_interval),
      actions_(std::move(actions)),
      inotify_(std::move(inotify)),
      stop_(std::move(stop)) {}

FileWatch::~FileWatch() {
  QC_CHECK(std::this_thread::get_id() != thread_.get_id());
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the thread wakes up as well.
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void FileWatch::Run() {
  runtime::StepBehindOtherThreads();
  do {
    signature_ = FileSignature(path_);
    look_was_good_ = actions_.look();
  } while (Await());
}

bool FileWatch::Await() {
  while (true) {
    pollfd fds[] = {{stop_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}};
    const int ready = poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(recheck_interval_)));
    if (fds[0].revents != 0) return false;
    const bool event = ready > 0 && fds[1].revents != 0 && DrainEvents();
    if (event || !look_was_good_ || FileSignature(path_) != signature_) return true;
    actions_.unchanged();
  }
}

bool FileWatch::DrainEvents() {
  // inotify(7): a read returns whole events, so the buffer must hold one with the longest name.
  alignas(inotify_event) char buffer[64 * (sizeof(inotify_event) + NAME_MAX + 1)];
  bool ours = false;
  while (true) {
    const ssize_t size = read(inotify_.get(), buffer, sizeof(buffer));
    if (size <= 0) return ours;
    for (ssize_t offset = 0; offset < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + offset);
      if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name_ == event->name)) {
        ours = true;
      }
      offset += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace quorumcache::topology_file
