// SPDX-License-Identifier: Apache-2.0
// A small seeded random generator: the same numbers from the same seed, on every machine.
//
// xoshiro256** by Blackman and Vigna (2018), seeded through SplitMix64 as its authors advise. Not
// for secrets.
#pragma once

#include <cstdint>

#include "common/base/check.h"

namespace quorumcache::base {

// Thread-compatible.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) word = SplitMix64(seed);
  }

  uint64_t Next() {
    const uint64_t result = RotateLeft(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = RotateLeft(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound). Requires: bound > 0. Lemire's multiply-shift; its bias is below 2^-32
  // for the bounds used here.
  uint64_t Uniform(uint64_t bound) {
    QC_CHECK(bound > 0);
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }

  // True once in `n` calls on average. Requires: n > 0.
  bool OneIn(uint64_t n) { return Uniform(n) == 0; }

  // Uniform in [0, 1).
  double Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  static uint64_t SplitMix64(uint64_t& seed) {
    uint64_t z = (seed += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  static constexpr uint64_t RotateLeft(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  uint64_t state_[4];
};

}  // namespace quorumcache::base
