// SPDX-License-Identifier: Apache-2.0
#include "cli/key_chooser.h"

#include <cmath>
#include <numeric>

#include "common/base/check.h"

namespace quorumcache::cli {

AliasTable::AliasTable(const std::vector<double>& weights)
    : share_(weights.size(), 1.0), alias_(weights.size(), 0) {
  QC_CHECK(!weights.empty());
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  QC_CHECK(sum > 0);
  std::vector<double> scaled(weights.size());
  std::vector<uint32_t> small, large;
  for (size_t i = 0; i < weights.size(); ++i) {
    scaled[i] = weights[i] / sum * static_cast<double>(weights.size());
    (scaled[i] < 1 ? small : large).push_back(static_cast<uint32_t>(i));
  }
  // Each column is filled up to 1 by one that has too much.
  while (!small.empty() && !large.empty()) {
    const uint32_t low = small.back(), high = large.back();
    small.pop_back();
    share_[low] = scaled[low];
    alias_[low] = high;
    scaled[high] -= 1 - scaled[low];
    if (scaled[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  // What is left is 1 but for rounding, and share_ says so already.
}

uint64_t AliasTable::Draw(base::Random& random) const {
  const uint64_t column = random.Uniform(share_.size());
  return random.Fraction() < share_[column] ? column : alias_[column];
}

std::vector<double> ZipfWeights(uint64_t count, double theta) {
  std::vector<double> weights(count);
  for (uint64_t i = 0; i < count; ++i) weights[i] = std::pow(static_cast<double>(i + 1), -theta);
  return weights;
}

KeyChooser::KeyChooser(KeyDistribution distribution, uint64_t key_count, uint64_t seed)
    : key_count_(key_count), random_(seed) {
  // 0.99: YCSB's constant (Cooper et al., 2010).
  if (distribution == KeyDistribution::kZipfian) zipf_.emplace_back(ZipfWeights(key_count, 0.99));
}

uint64_t KeyChooser::Next() {
  return zipf_.empty() ? random_.Uniform(key_count_) : zipf_[0].Draw(random_);
}

void MakeKey(uint64_t number, size_t size, std::string* key) {
  QC_CHECK(size >= 16);
  key->assign(size, 'k');
  // An odd factor: a permutation of the 64-bit numbers. 2^64 divided by the golden ratio scatters
  // best (Knuth, "Sorting and Searching", 6.4).
  number *= 0x9E3779B97F4A7C15ull;
  for (size_t i = 0; i < 16; ++i) {
    (*key)[i] = "0123456789abcdef"[number & 15];
    number >>= 4;
  }
}

}  // namespace quorumcache::cli
