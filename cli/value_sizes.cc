// SPDX-License-Identifier: Apache-2.0
#include "cli/value_sizes.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "common/base/random.h"

namespace quorumcache::cli {
namespace {

// Column "value size", index = cluster - 1; 0: not published. See the header for the source.
constexpr uint32_t kMeans[] = {267,  68,   120, 2439,  0,     252,   1936, 9497, 39,   2333, 170,
                               1030, 4266, 414, 102,   115,   212,   37,   101,  55,   1,    4,
                               224,  699,  28,  1745,  8,     85,    799,  689,  15,   138,  1118,
                               322,  1796, 78,  20134, 185,   80,    155,  171,  4703, 304,  22,
                               120,  928,  267, 70,    10658, 67485, 221,  273,  9213, 246};

}  // namespace

std::optional<uint32_t> MeanValueSize(int cluster) {
  if (cluster < 1 || cluster > static_cast<int>(std::size(kMeans))) return std::nullopt;
  const uint32_t mean = kMeans[cluster - 1];
  return mean == 0 ? std::nullopt : std::optional<uint32_t>(mean);
}

size_t DrawValueSize(uint32_t mean, uint64_t seed, uint64_t object, size_t size_max) {
  base::Random random(seed ^ (object * 0x9E3779B97F4A7C15ull));
  // Inversion; Fraction() is below 1, so the logarithm is finite.
  const double size = -std::log(1 - random.Fraction()) * mean;
  return static_cast<size_t>(std::clamp(std::round(size), 1.0, static_cast<double>(size_max)));
}

}  // namespace quorumcache::cli
