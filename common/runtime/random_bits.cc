// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/random_bits.h"

#include <sys/random.h>

#include "common/base/check.h"

namespace quorumcache::runtime {

uint64_t RandomNonZero64() {
  uint64_t bits = 0;
  // Up to 256 bytes come whole or not at all (getrandom(2)); only early in boot may it be
  // interrupted.
  while (bits == 0) {
    const ssize_t size = getrandom(&bits, sizeof(bits), 0);
    QC_CHECK(size == sizeof(bits) || size == -1);
  }
  return bits;
}

}  // namespace quorumcache::runtime
