// SPDX-License-Identifier: Apache-2.0
// TaskThread: a thread for what may block: the topology store, and plans of large clusters.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "common/base/mutex.h"

namespace quorumcache::service {

// Thread-safe, but for Stop.
class TaskThread {
 public:
  TaskThread();
  // Stop().
  ~TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  // Runs `task` after all that was posted before. False: stopped, and it never will.
  [[nodiscard]] bool Post(std::function<void()> task);
  // Runs what is posted, then ends the thread. Idempotent.
  void Stop();

 private:
  void Run();

  base::Mutex mutex_;
  base::CondVar wake_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace quorumcache::service
