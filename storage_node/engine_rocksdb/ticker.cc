// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/ticker.h"

#include <utility>

namespace quorumcache::engine_rocksdb {

Ticker::Ticker(absl::Duration interval, std::function<void()> tick)
    : interval_(interval), tick_(std::move(tick)), thread_([this] { Run(); }) {}

Ticker::~Ticker() {
  {
    base::MutexLock lock(mutex_);
    stop_ = true;
  }
  stopped_.NotifyAll();
  thread_.join();
}

void Ticker::Run() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      if (!stop_) stopped_.WaitFor(mutex_, interval_);
      if (stop_) return;
    }
    // A spurious wake-up ticks early, which does no harm.
    tick_();
  }
}

}  // namespace quorumcache::engine_rocksdb
