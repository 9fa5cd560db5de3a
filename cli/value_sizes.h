// SPDX-License-Identifier: Apache-2.0
// Value sizes as in the caches of a large company, for traces that say nothing about sizes.
//
// Means per cluster, March 2020, from: Yang, Yue, Rashmi, "A large scale analysis of hundreds of
// in-memory cache clusters at Twitter", OSDI 2020; statistics published by the authors under CC BY.
// A mean is all that is known, so sizes are drawn from the distribution that assumes nothing beyond
// it: the exponential one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quorumcache::cli {

// Bytes; nullopt: no such cluster, or its sizes were not published. Clusters are numbered from 1
// to 54.
std::optional<uint32_t> MeanValueSize(int cluster);

// The size of one object's value: the same for the same seed and object, at least 1 and at most
// `size_max`.
size_t DrawValueSize(uint32_t mean, uint64_t seed, uint64_t object, size_t size_max);

}  // namespace quorumcache::cli
