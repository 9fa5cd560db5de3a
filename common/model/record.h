// SPDX-License-Identifier: Apache-2.0
// Record: what a replica holds for a key, apart from its ballots.
#pragma once

#include <cstdint>
#include <string>

#include "common/model/lineage.h"

namespace quorumcache::model {

// The numbers are on disk and on the wire.
enum class RecordState : uint8_t {
  kAbsent = 0,  // nothing was ever written, or it has been forgotten (docs/PROTOCOL.md#forgetting)
  kValue = 1,
  kTombstone = 2,  // deleted; kept until no older value can come back
};

// Value. An absent record has no value, no expiry and an empty lineage.
struct Record {
  RecordState state = RecordState::kAbsent;
  std::string value;
  std::string content_type;
  // Milliseconds since the Unix epoch; 0: never. Fixed once, by the coordinator that took the
  // write.
  uint64_t expire_at_ms = 0;
  Lineage lineage;

  friend bool operator==(const Record&, const Record&) = default;
};

// Whether a record with this state and expiry is there for a reader at `now_ms`. At `expire_at_ms`
// itself it is gone.
constexpr bool IsLive(RecordState state, uint64_t expire_at_ms, uint64_t now_ms) {
  return state == RecordState::kValue && (expire_at_ms == 0 || now_ms < expire_at_ms);
}

}  // namespace quorumcache::model
