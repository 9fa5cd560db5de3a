// SPDX-License-Identifier: Apache-2.0
// CachedBallot: what one conditional operation leaves to the next of its coordinator.
// docs/PROTOCOL.md#cached-next.
#pragma once

#include <cstdint>

#include "common/base/limits.h"
#include "common/model/ballot.h"
#include "common/model/record.h"

namespace quorumcache::quorum {

// A cached ballot of a key that other coordinators have written lately is used by an operation that
// has waited for the one before (RegisterOptions::follows), and not when it is older. They may have
// made more changes by then than a lineage keeps for certain, and a lineage that begins after the
// ballot cannot say what became of its Accept: the client would hear `unknown`. The other half of
// the window is for the Prepare that looks.
inline constexpr uint64_t kCachedBallotAgeMsMax = limits::kLineageWindowMs / 2;

// A ballot promised in advance by a majority, and the record that this majority held then. Used at
// most once, by the same coordinator; it saves the Prepare.
struct CachedBallot {
  model::Ballot ballot;
  model::Ballot base_ballot;
  model::Record base;
};

}  // namespace quorumcache::quorum
