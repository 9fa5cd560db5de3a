// SPDX-License-Identifier: Apache-2.0
// CheckHistory: a history, of any number of keys, before every checker that there is.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

struct HistoryReport {
  // "" where the history is fine; otherwise which checker refused it, and why.
  std::string violation;
  // The operations of the key that it is about.
  History evidence;
  size_t keys = 0;
  size_t operations = 0;
  // Keys that were too much for the search: linearizability.h.
  size_t undecided_keys = 0;
  bool ok() const { return violation.empty(); }
};

// Keys are independent, so each is judged by itself. 10^5 operations take seconds at most, as long
// as no key has more than about 64 operations without an answer.
HistoryReport CheckHistory(const History& history);

// The history of each key, in the order in which it was recorded; ClientOp::expires is adapted.
std::map<std::string, History> ByKey(const History& history);

// Numbers the processes of a history that has none: one thing at a time each, and none after an
// operation without an answer.
void NumberProcesses(History* history);

}  // namespace quorumcache::history
