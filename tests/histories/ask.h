// SPDX-License-Identifier: Apache-2.0
// Ask and Answer: one try of one operation, whichever door of a coordinator it goes through.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/history/history.h"

namespace quorumcache::histories {

// Values are stored as text that begins with a number that no other write of the key has, so that
// a history can be checked by numbers.
struct Ask {
  history::ClientOpKind kind = history::ClientOpKind::kGet;
  history::ClientCondition condition = history::ClientCondition::kNone;
  std::string key;
  std::string value;  // Set
  int64_t delta = 0;  // Increment
  std::string if_etag;
  absl::Duration ttl;  // zero: lives for ever
  bool return_previous = false;
  // Consistency ONE instead of the default: promises nothing, and histories show it.
  bool weak = false;
  std::string request_id;
  std::string first;
};

struct Answer {
  history::ClientOutcome outcome = history::ClientOutcome::kUnknown;
  std::string reason;   // of an error; "" where it comes from the transport
  std::string message;  // of an error, for people
  std::string first;    // of an unknown outcome
  bool found = false;
  std::string value;
  std::string etag;
  int64_t number = 0;
  bool previous_known = false;
  bool has_previous = false;
  std::string previous;
};

// The number at the beginning of a stored value; 0 where there is none.
int64_t NumberOf(const std::string& value);

// Whether `reason` says that a condition was not met.
bool IsConditionFailure(const std::string& reason);

}  // namespace quorumcache::histories
