// SPDX-License-Identifier: Apache-2.0
// Short words for histories, for the tests of the checkers. Versions are left out unless given.
#pragma once

#include <cstdint>

#include "common/base/random.h"
#include "tests/history/history.h"

namespace quorumcache::history {

ClientOp SetOk(int64_t invoked_ns, int64_t returned_ns, int64_t value);
ClientOp DeleteOk(int64_t invoked_ns, int64_t returned_ns);
ClientOp GetFound(int64_t invoked_ns, int64_t returned_ns, int64_t value);
ClientOp GetMiss(int64_t invoked_ns, int64_t returned_ns);
// By 1, told `number`.
ClientOp IncrementOk(int64_t invoked_ns, int64_t returned_ns, int64_t number);
// That of history[index].
ClientOp ExpiryOf(int32_t index, int64_t earliest_ns, int64_t latest_ns);
// The same, never answered.
ClientOp Unknown(ClientOp op);
ClientOp WithVersion(ClientOp op, uint64_t hlc);

// What `clients` at a time would have seen of one key that is one place in memory: `size`
// operations in the order of their invocation, one in fifty of them without an answer. Values are
// unique.
History AtomicHistory(base::Random* random, size_t size, size_t clients);

// 2 to 6 operations on few values with random answers: about as often wrong as right.
History RandomHistory(base::Random* random);

}  // namespace quorumcache::history
