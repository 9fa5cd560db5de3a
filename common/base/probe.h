// SPDX-License-Identifier: Apache-2.0
// QC_PROBE("name"): marks a rare branch, so that the simulator can report which were never reached.
//
// Costs one predictable branch and one relaxed increment. Names are unique, lower_snake_case.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::base {

// One marked place; registers itself on first construction (a function-local static).
class Probe {
 public:
  explicit Probe(const char* name);
  void Hit() { hits_.fetch_add(1, std::memory_order_relaxed); }
  absl::string_view name() const { return name_; }
  uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }

 private:
  const char* name_;
  std::atomic<uint64_t> hits_{0};
};

// Every probe reached so far in this process, in order of first reach. Thread-safe.
std::vector<const Probe*> ReachedProbes();

}  // namespace quorumcache::base

#define QC_PROBE(name)                                \
  do {                                                \
    static ::quorumcache::base::Probe qc_probe(name); \
    qc_probe.Hit();                                   \
  } while (false)
