// SPDX-License-Identifier: Apache-2.0
// The append register: every change of a key says what it replaced, so the order of all changes is
// told, and nothing has to be searched for.
//
// An exact check in O(n log n) of histories of any length, made of Sets with return_previous and
// Gets only. AppendChain sees two changes of one value as they run; CheckAppendChain sees all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/history/history.h"

namespace quorumcache::history {

// Thread-compatible; one key.
class AppendChain {
 public:
  // Takes the answer to an operation, in any order. What is not an acknowledged change that was
  // told what it replaced is passed over. Requires: an append register.
  void Add(const ClientOp& op);
  // The first two changes that replaced the same; "" while there are none.
  const std::string& violation() const { return violation_; }

 private:
  // By what was replaced; nullopt: nothing.
  std::map<std::optional<int64_t>, ClientOp> successor_;
  std::string violation_;
};

// Whether a key is an append register: nothing but Sets with return_previous and no time to live,
// and Gets, and not all of them Gets.
bool IsAppendRegister(const History& history);

// nullopt, or why the changes cannot have come one after another, true to real time. Requires:
// IsAppendRegister(history); one key.
std::optional<std::string> CheckAppendChain(const History& history);

}  // namespace quorumcache::history
