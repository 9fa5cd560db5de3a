// SPDX-License-Identifier: Apache-2.0
// Evaluate: what a mutation makes of the record it finds. Pure functions of values.
#pragma once

#include <cstdint>

#include "common/model/record.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/quorum/operation.h"

namespace quorumcache::quorum {

struct Evaluation {
  // The record is to be replaced by `record`; false: it stays, and `error` may say why.
  bool changed = false;
  OpError error = OpError::kNone;
  // The new record; its lineage is left to the caller.
  model::Record record;
  // A live value was there.
  bool found = false;
  // kIncrement: the new number.
  int64_t number = 0;
};

// `base` is the present record and `now_ms` the time by which its expiry is judged: an expired
// record is absent for every condition. Copies the value: the mutation may have to be done again.
Evaluation Evaluate(const Mutation& mutation, const model::Record& base, uint64_t now_ms);

}  // namespace quorumcache::quorum
