// SPDX-License-Identifier: Apache-2.0
// History: what clients asked of one key, and what they were told. All that a checker may look at.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/model/ballot.h"

namespace quorumcache::sim {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

enum class ClientOpKind : uint8_t { kGet, kSet, kDelete, kTouch, kIncrement, kExpire };
enum class ClientCondition : uint8_t { kNone, kIfAbsent, kIfPresent, kIfVersion };

enum class ClientOutcome : uint8_t {
  kUnknown,          // may have happened, may yet happen: no answer, or one that says so
  kOk,               // happened, as told
  kConditionFailed,  // did not happen because of the state that was found (exists, missing,
                     // mismatch)
  kNotApplied,       // did not happen and told nothing about the state
};

// One operation, all tries with one request id together. Times are of the simulation, in
// microseconds.
struct ClientOp {
  int64_t invoked_us = 0;
  int64_t returned_us = kNever;  // kNever: kUnknown
  ClientOpKind kind = ClientOpKind::kGet;
  ClientCondition condition = ClientCondition::kNone;
  ClientOutcome outcome = ClientOutcome::kUnknown;
  // Asked for. Values are integers, different for every Set.
  int64_t value = 0;  // Set: the value; Increment: the delta
  bool has_ttl = false;
  bool keep_ttl = false;
  bool return_previous = false;
  // kIfVersion: the version, and the value that was seen with it.
  model::Ballot if_version;
  int64_t if_value = 0;
  // kExpire: index of the operation that set the time to live. Not a client's: the model's.
  int32_t expires = -1;
  // Told. A Get: found, value_read, version. A write: version, number, previous.
  bool found = false;
  int64_t value_read = 0;
  model::Ballot version;
  bool has_previous = false;
};

using History = std::vector<ClientOp>;

// One line, for people.
std::string Describe(const ClientOp& op);
std::string Describe(const History& history);

}  // namespace quorumcache::sim
