// SPDX-License-Identifier: Apache-2.0
// Random numbers that no other process draws: proposers, incarnations, seeds.
#pragma once

#include <cstdint>

namespace quorumcache::runtime {

// 64 bits from the kernel's generator, never 0 (0 means "none yet" where these are used).
// Thread-safe; one system call.
uint64_t RandomNonZero64();

}  // namespace quorumcache::runtime
