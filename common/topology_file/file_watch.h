// SPDX-License-Identifier: Apache-2.0
// FileWatch: a thread that looks when a file may have changed.
//
// inotify on the directory, because a file that is replaced by rename takes a watch on itself with
// it. And a look at the file's signature from time to time, because inotify is silent about some
// ways to change (the directory itself replaced, network file systems) and loses events when its
// queue overflows.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/topology_file/unique_fd.h"

namespace quorumcache::topology_file {

// Both are called from the watch's thread only.
struct FileWatchActions {
  // Once at the start, and whenever the file may have changed since the last call began. False: it
  // could not be read, or not be used; then it is called again at the next recheck.
  std::function<bool()> look;
  // A recheck has found that the file is what it was at the last good look.
  std::function<void()> unchanged;
};

// Thread-safe. Its destructor waits for the thread, so never destroy it from inside an action.
class FileWatch {
 public:
  // UNAVAILABLE: the directory is not there, or inotify is exhausted.
  static absl::StatusOr<std::unique_ptr<FileWatch>> Start(const std::string& path,
                                                          absl::Duration recheck_interval,
                                                          FileWatchActions actions);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  FileWatch(std::string path, absl::Duration recheck_interval, FileWatchActions actions,
            UniqueFd inotify, UniqueFd stop);

  void Run();
  // Waits for something to happen; false when it is time to stop.
  bool Await();
  // Empties the queue; whether an event was about our file, or events were lost.
  bool DrainEvents();

  const std::string path_;
  const std::string name_;
  const absl::Duration recheck_interval_;
  const FileWatchActions actions_;
  const UniqueFd inotify_;
  const UniqueFd stop_;
  // The thread's own: of the file as it was just before the last look.
  std::string signature_;
  bool look_was_good_ = false;
  std::thread thread_;
};

}  // namespace quorumcache::topology_file
