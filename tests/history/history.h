// SPDX-License-Identifier: Apache-2.0
// History: what clients asked, and what they were told. All that a checker may look at.
//
// The simulator (tests/sim) and the workloads against real processes (tests/integration) both
// record this, so both are judged by the same checkers: check_history.h. json_lines.h writes it
// down for an outside checker.
//
// To record one: a ClientOp per operation, made when it is asked for and completed when it is
// answered. Values are integers that no two Sets of a key share. A key that is incremented is not
// also Set. What was asked for is filled in for every operation, what was told only where an
// answer came.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/model/ballot.h"

namespace quorumcache::history {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// kExpire is not a client's: the moment at which a time to live ends, which is part of the order.
enum class ClientOpKind : uint8_t { kGet, kSet, kDelete, kTouch, kIncrement, kExpire };
enum class ClientCondition : uint8_t { kNone, kIfAbsent, kIfPresent, kIfVersion };

enum class ClientOutcome : uint8_t {
  kUnknown,          // may have happened, may yet happen: no answer, or one that says so
  kOk,               // happened, as told
  kConditionFailed,  // did not happen because of the state that was found (exists, missing,
                     // mismatch)
  kNotApplied,       // did not happen and told nothing about the state
};

// One operation, all tries with one request id together. Times are of one monotonic clock, in
// nanoseconds: `invoked_ns` is read before the request is sent, `returned_ns` after the answer is
// there.
struct ClientOp {
  // Who asked. One thing at a time: a process whose operation ended as kUnknown asks no more, and
  // goes on under a new number.
  int32_t process = 0;
  // Keys are independent of each other.
  std::string key;
  int64_t invoked_ns = 0;
  int64_t returned_ns = kNever;  // kNever: kUnknown
  ClientOpKind kind = ClientOpKind::kGet;
  ClientCondition condition = ClientCondition::kNone;
  ClientOutcome outcome = ClientOutcome::kUnknown;

  // Asked for.
  int64_t value = 0;  // Set: the value; Increment: the delta
  bool has_ttl = false;
  bool keep_ttl = false;
  bool return_previous = false;
  // kIfVersion: the version, and the value that was seen with it.
  model::Ballot if_version;
  int64_t if_value = 0;
  // kExpire: index in the history of the operation that set the time to live.
  int32_t expires = -1;

  // Told.
  bool found = false;      // Get, Touch: a value was there
  int64_t value_read = 0;  // Get: the value; Increment: the number; return_previous: the old value
  // The version read or written; zero where none was told. Then only values can be compared.
  model::Ballot version;
  // return_previous: whether it was told what was there before, and whether anything was. A try
  // that finds that an earlier one has made the change cannot tell.
  bool previous_known = false;
  bool has_previous = false;
};

using History = std::vector<ClientOp>;

// One line, for people.
std::string Describe(const ClientOp& op);
std::string Describe(const History& history);

}  // namespace quorumcache::history
