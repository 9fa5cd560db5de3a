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
#include "common/topology/topology_store.h"
#include "common/topology_file/unique_fd.h"

namespace quorumcache::topology_file {

// Thread-safe. Its destructor waits for the thread, so never destroy it from inside `look`.
class FileWatch : public topology::TopologyWatch {
 public:
  // Calls `look` from a thread of its own: once at the start, and whenever `path` may have changed
  // since the last call began. UNAVAILABLE: the directory is not there, or inotify is exhausted.
  static absl::StatusOr<std::unique_ptr<FileWatch>> Start(const std::string& path,
                                                          absl::Duration recheck_interval,
                                                          std::function<void()> look);
  ~FileWatch() override;

 private:
  FileWatch(std::string path, absl::Duration recheck_interval, std::function<void()> look,
            UniqueFd inotify, UniqueFd stop);

  void Run();
  // Waits for something to happen; false when it is time to stop.
  bool Await();
  // Empties the queue; whether an event was about our file, or events were lost.
  bool DrainEvents();

  const std::string path_;
  const std::string name_;
  const absl::Duration recheck_interval_;
  const std::function<void()> look_;
  const UniqueFd inotify_;
  const UniqueFd stop_;
  // Of the file as it was just before the last look. The thread's own.
  std::string signature_;
  std::thread thread_;
};

}  // namespace quorumcache::topology_file
