// SPDX-License-Identifier: Apache-2.0
// Mutation: what a conditional operation does to the record it finds. A value, not code, so that it
// can be printed, compared and replayed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/model/ballot.h"
#include "common/model/lineage.h"

namespace quorumcache::quorum {

enum class MutationKind : uint8_t {
  kSet,        // write value, content_type and expiry
  kDelete,     // write a tombstone
  kTouch,      // change the expiry of a live value
  kIncrement,  // add delta to a decimal integer, which stays a signed 64-bit one
  kNothing,    // change nothing: a read that has to be sealed
};

enum class ConditionKind : uint8_t { kNone, kIfAbsent, kIfPresent, kIfVersion };

// Expired and deleted count as absent.
struct Condition {
  ConditionKind kind = ConditionKind::kNone;
  // kIfVersion: Lineage::LastChange of the record that must be there.
  model::Ballot version;
};

// Value.
struct Mutation {
  MutationKind kind = MutationKind::kSet;
  Condition condition;
  std::string value;
  std::string content_type;
  // Absolute, milliseconds since the Unix epoch; 0: never.
  uint64_t expire_at_ms = 0;
  // The expiry of a live value stays; expire_at_ms is for an absent one.
  bool keep_ttl = false;
  bool return_previous = false;
  bool fsync = false;
  int64_t delta = 0;
  // The number an absent key counts from.
  int64_t initial = 0;
  // The client's, where it gave one.
  std::optional<model::RequestId> request_id;
  // From the error of an earlier try (OpResult::first); zero: this is the first try.
  model::Ballot first;

  // A Set or Delete that looks at nothing: one round trip.
  bool IsBlind() const {
    return (kind == MutationKind::kSet || kind == MutationKind::kDelete) &&
           condition.kind == ConditionKind::kNone && !keep_ttl && !return_previous &&
           first.IsZero();
  }
};

}  // namespace quorumcache::quorum
