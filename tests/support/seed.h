// SPDX-License-Identifier: Apache-2.0
// TestSeed: where randomised tests get their seed from, so that every failure can be replayed.
#pragma once

#include <cstdint>

namespace quorumcache::support {

// The value of QC_TEST_SEED, or a fresh random number where it is not set; prints
// `QC_TEST_SEED=<seed>` with the test's name, ready to be pasted in front of the command. Each call
// without QC_TEST_SEED draws anew: call it once a test. Aborts when QC_TEST_SEED is not a number.
uint64_t TestSeed();

}  // namespace quorumcache::support
