// SPDX-License-Identifier: Apache-2.0
// Short words for histories, for the tests of the checkers. Versions are left out unless given.
#pragma once

#include <cstdint>

#include "common/base/random.h"
#include "tests/sim/history.h"

namespace quorumcache::sim {

ClientOp SetOk(int64_t invoked_us, int64_t returned_us, int64_t value);
ClientOp DeleteOk(int64_t invoked_us, int64_t returned_us);
ClientOp GetFound(int64_t invoked_us, int64_t returned_us, int64_t value);
ClientOp GetMiss(int64_t invoked_us, int64_t returned_us);
// By 1, told `number`.
ClientOp IncrementOk(int64_t invoked_us, int64_t returned_us, int64_t number);
// That of history[index].
ClientOp ExpiryOf(int32_t index, int64_t earliest_us, int64_t latest_us);
// The same, never answered.
ClientOp Unknown(ClientOp op);
ClientOp WithVersion(ClientOp op, uint64_t hlc);

// 2 to 6 operations on few values with random answers: about as often wrong as right.
History RandomHistory(base::Random* random);

}  // namespace quorumcache::sim
