// SPDX-License-Identifier: Apache-2.0
// The values behind metrics: cheap to change on hot paths, read by a scrape from another thread.
//
// Relaxed atomics throughout: a scrape sees each value at some recent moment, not all of them at
// one moment. prometheus-cpp's own counter is a compare-and-swap loop over a double and its
// histogram takes a mutex; these cost one or two plain instructions.
#pragma once

#include <atomic>
#include <cstdint>

namespace quorumcache::metrics {

// Only grows. Thread-safe.
class Counter {
 public:
  void Add(uint64_t count) { value_.fetch_add(count, std::memory_order_relaxed); }
  void Increment() { Add(1); }
  // The same without a locked instruction. Requires: one thread alone changes this counter.
  void AddFromOwner(uint64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void IncrementFromOwner() { AddFromOwner(1); }

  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Goes up and down; whole numbers (bytes, counts). What is not whole is a callback (Registry).
// Thread-safe.
class Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

}  // namespace quorumcache::metrics
