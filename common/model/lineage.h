// SPDX-License-Identifier: Apache-2.0
// Lineage: what a record remembers of the changes that made it, so that a retry is applied once.
//
// Protocol: docs/PROTOCOL.md#lineage. A blind write starts a lineage (`root`); conditional changes
// are appended: the last 8 are kept, and older ones of the last 100 ms up to 64. A blind write
// without a request id of its own is known by its ballot (RequestId::FromBallot), which costs no
// byte: `root` says it. So the records of plain Sets carry an empty lineage.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/ballot.h"

namespace quorumcache::model {

// 16 bytes: the client's UUID, or made from an operation's first ballot. Immutable value.
struct RequestId {
  uint64_t high = 0;
  uint64_t low = 0;

  // Unique because (hlc, proposer) is used once.
  static constexpr RequestId FromBallot(const Ballot& ballot) {
    return RequestId{ballot.hlc, ballot.proposer};
  }
  // Parses a UUID, with or without dashes; nullopt when it is not one.
  static std::optional<RequestId> Parse(absl::string_view text);

  friend constexpr auto operator<=>(const RequestId&, const RequestId&) = default;
};

// One applied change.
struct Change {
  RequestId request_id;
  Ballot ballot;
  // What the caller was told: the new number of an Increment, otherwise 1.
  int64_t result = 0;
  friend constexpr auto operator<=>(const Change&, const Change&) = default;
};

// Value; thread-compatible.
class Lineage {
 public:
  Lineage() = default;
  Lineage(Ballot root, std::vector<Change> changes) : root_(root), changes_(std::move(changes)) {}

  // The lineage of a blind write at `ballot`; `request_id` where the client gave one.
  static Lineage Blind(const Ballot& ballot, std::optional<RequestId> request_id);
  // This lineage and one more change, less those that need not be kept any more.
  Lineage With(const Change& change) const;

  // The change with this id: one of changes(), or the blind write at root().
  std::optional<Change> Find(const RequestId& request_id) const;
  // Every change with a ballot above this one is remembered. Not below the first of eight: whether
  // some were dropped before it, the list does not say.
  Ballot OldestKnown() const;
  // Ballot of the last change, the blind write included: the version that clients see. It stays
  // when a record is only re-stamped to settle it (docs/PROTOCOL.md#operations), which a ballot
  // does not.
  Ballot LastChange() const { return changes_.empty() ? root_ : changes_.back().ballot; }

  const Ballot& root() const { return root_; }
  const std::vector<Change>& changes() const { return changes_; }
  friend bool operator==(const Lineage&, const Lineage&) = default;

 private:
  // How many of the oldest go before `change` comes.
  size_t Surplus(const Change& change) const;

  Ballot root_;
  std::vector<Change> changes_;  // oldest first
};

}  // namespace quorumcache::model
