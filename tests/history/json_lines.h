// SPDX-License-Identifier: Apache-2.0
// A history as JSON lines, two per operation, in the order of time: for an outside checker.
//
//   {"process":3,"type":"invoke","f":"write","key":"k1","value":7,"time_ns":1000}
//   {"process":3,"type":"ok","f":"write","key":"k1","value":7,"time_ns":2000}
//
// type: ok (happened, as told), fail (did not happen), info (not known; at the end of the history).
//
// f                       value when invoked   value of an ok
// read                    null                 the value, or null: absent
// write, write_if_absent,
//   write_if_present      the new one          the same; [old or null, new] for return_previous
//   write_if_version      [expected, new]      likewise
// delete (_if_...)        null, or expected    the same
// touch                   null                 whether a value was there
// increment               the delta            the number that it made
// expire                  process -1: the line number of the operation whose time to live ends, at
//                         some time between its invoke and its ok
#pragma once

#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// Ends with a newline, unless `history` is empty. O(n log n).
std::string ToJsonLines(const History& history);

}  // namespace quorumcache::history
