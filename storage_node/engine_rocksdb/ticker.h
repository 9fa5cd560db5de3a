// SPDX-License-Identifier: Apache-2.0
// Ticker: calls a function every so often, on a thread of its own, until it is destroyed.
#pragma once

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace quorumcache::engine_rocksdb {

// The destructor waits for a call that is under way.
class Ticker {
 public:
  Ticker(absl::Duration interval, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void Run();

  const absl::Duration interval_;
  const std::function<void()> tick_;
  base::Mutex mutex_;
  base::CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quorumcache::engine_rocksdb
