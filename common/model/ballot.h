// SPDX-License-Identifier: Apache-2.0
// Ballot: the version of a record and the number of a proposal, one and the same thing.
//
// Protocol: docs/PROTOCOL.md#ballots. Two different records under one ballot are a broken invariant
// (I2): a ballot is used for one record only, and `proposer` (random at each coordinator start)
// keeps two coordinators with equal clocks apart.
#pragma once

#include <compare>
#include <cstdint>

namespace quorumcache::model {

// Compared left to right. The zero ballot is below every ballot in use and means "none". Immutable
// value.
struct Ballot {
  // Epoch of the partition's map entry under which it was made.
  uint32_t epoch = 0;
  // Hybrid logical clock: 48 bits of milliseconds since the Unix epoch, 16 bits of counter (hlc.h).
  uint64_t hlc = 0;
  // Random number of the coordinator's start.
  uint64_t proposer = 0;

  constexpr bool IsZero() const { return epoch == 0 && hlc == 0 && proposer == 0; }
  friend constexpr auto operator<=>(const Ballot&, const Ballot&) = default;
};

}  // namespace quorumcache::model
