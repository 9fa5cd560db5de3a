// SPDX-License-Identifier: Apache-2.0
// LockHold: one stretch in which a client believes that it holds a lock. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/model/ballot.h"

namespace quorumcache::histories {

struct LockHold {
  // Asked for, and told that it is held; of the monotonic clock, nanoseconds.
  int64_t invoked_ns = 0;
  int64_t returned_ns = 0;
  // When its holder stopped to believe: it released it, or its time was up. Not after expiry;
  // before returned_ns where the answer took longer than the lock lives: then it was never held.
  int64_t until_ns = 0;
  // The fencing token.
  model::Ballot token;
};

// "", or which two of one lock contradict each other: they hold it at once, or the token of the
// later one is not higher.
std::string CheckLockHolds(std::vector<LockHold> holds);

}  // namespace quorumcache::histories
