// SPDX-License-Identifier: Apache-2.0
// The three ballots a replica keeps per key, and the two rules by which they move:
// docs/PROTOCOL.md#replica.
//
// Pure arithmetic, apart from the storage around it, so that the rules can be read, and tested
// exhaustively, in one place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/model/ballot.h"

namespace quorumcache::replica {

// Value. I1: neither accepted nor promise() ever decreases.
struct Acceptor {
  // A: of the record held; zero: none.
  model::Ballot accepted;
  // P where it is above A, otherwise zero: an accepted ballot is a promise, and costs no second
  // row.
  model::Ballot promised;
  // Of the record that A replaced.
  model::Ballot previous;

  // P.
  const model::Ballot& promise() const { return std::max(promised, accepted); }
  friend bool operator==(const Acceptor&, const Acceptor&) = default;
};

enum class Verdict : uint8_t {
  kRefused,   // nothing changed
  kRepeat,    // Accept of the ballot that is held already: yes, and nothing changed
  kPromised,  // promise() is now the ballot asked for
  kAccepted,  // accepted is now the ballot asked for
};

// Prepare(ballot) under the partition's floor: kPromised or kRefused.
Verdict ApplyPrepare(const model::Ballot& ballot, const model::Ballot& floor, Acceptor* acceptor);

// What of the rule a planted bug leaves out (test_mutations.h); none in production.
struct AcceptLeniency {
  bool ignore_promise = false;
  bool ignore_accepted = false;
  bool ignore_floor = false;
};

// Accept(ballot, next) under the partition's floor: kAccepted, kRepeat or kRefused. Requires:
// ballot is not zero.
Verdict ApplyAccept(const model::Ballot& ballot, const model::Ballot& next,
                    const model::Ballot& floor, const AcceptLeniency& leniency, Acceptor* acceptor);

}  // namespace quorumcache::replica
