// SPDX-License-Identifier: Apache-2.0
// KeyChooser: which key the next operation of a benchmark is on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/random.h"

namespace quorumcache::cli {

// Draws from n weighted outcomes in constant time: the alias method (Walker 1977, in Vose's form of
// 1991). Immutable. 12 bytes an outcome.
class AliasTable {
 public:
  // Requires: at least one weight, none negative, not all 0.
  explicit AliasTable(const std::vector<double>& weights);
  uint64_t Draw(base::Random& random) const;

 private:
  std::vector<double> share_;
  std::vector<uint32_t> alias_;
};

// Zipf's law: rank k (from 0) weighs 1 / (k + 1)^theta. Exact, not YCSB's approximation for huge n.
std::vector<double> ZipfWeights(uint64_t count, double theta);

enum class KeyDistribution { kUniform, kZipfian };

// Thread-compatible.
class KeyChooser {
 public:
  KeyChooser(KeyDistribution distribution, uint64_t key_count, uint64_t seed);
  // In [0, key_count).
  uint64_t Next();

 private:
  const uint64_t key_count_;
  base::Random random_;
  std::vector<AliasTable> zipf_;  // one, or none where all keys are equal
};

// The key with this number: `size` bytes, the first 16 of them hexadecimal digits that scatter
// neighbouring numbers over all keys; so popular ranks are spread over the whole key space
// ("scrambled"). Writes into `key` without allocating when it has the capacity. Requires: size
// >= 16.
void MakeKey(uint64_t number, size_t size, std::string* key);

}  // namespace quorumcache::cli
