// SPDX-License-Identifier: Apache-2.0
// CachedBallot: what one conditional operation leaves to the next of its coordinator.
// docs/PROTOCOL.md#cached-next.
#pragma once

#include "common/model/ballot.h"
#include "common/model/record.h"

namespace quorumcache::quorum {

// A ballot promised in advance by a majority, and the record that this majority held then. Used at
// most once, by the same coordinator; it saves the Prepare.
struct CachedBallot {
  model::Ballot ballot;
  model::Ballot base_ballot;
  model::Record base;
};

}  // namespace quorumcache::quorum
