// SPDX-License-Identifier: Apache-2.0
// QC_PROBE("name"): marks a rare branch, so that the simulator can report which were never reached.
//
// Costs one relaxed increment. Names are unique, lower_snake_case. Every probe that is linked into
// a program is known from its start, reached or not.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::base {

// One marked place; registers itself before main.
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

// The probe of one QC_PROBE; `Place` is a type that only this place has.
template <typename Place>
inline Probe probe_at{Place::Name()};

// Every probe of this program, by name. Thread-safe.
std::vector<const Probe*> AllProbes();

}  // namespace quorumcache::base

#define QC_PROBE(name)                                 \
  do {                                                 \
    struct QcProbePlace {                              \
      static const char* Name() { return name; }       \
    };                                                 \
    ::quorumcache::base::probe_at<QcProbePlace>.Hit(); \
  } while (false)
