// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/test_histories.h"

namespace quorumcache::sim {
namespace {

ClientOp Answered(ClientOpKind kind, int64_t invoked_us, int64_t returned_us) {
  ClientOp op;
  op.kind = kind;
  op.invoked_us = invoked_us;
  op.returned_us = returned_us;
  op.outcome = ClientOutcome::kOk;
  return op;
}

ClientOp RandomOp(base::Random* random, int64_t number) {
  const auto invoked_us = static_cast<int64_t>(random->Uniform(40));
  const int64_t returned_us = invoked_us + 1 + static_cast<int64_t>(random->Uniform(30));
  const auto value = static_cast<int64_t>(1 + random->Uniform(3));
  ClientOp op;
  switch (random->Uniform(6)) {
    case 0:
      op = SetOk(invoked_us, returned_us, number + 10);
      break;
    case 1:
      op = DeleteOk(invoked_us, returned_us);
      break;
    case 2:
      op = IncrementOk(invoked_us, returned_us, value);
      break;
    case 3:
      op = GetMiss(invoked_us, returned_us);
      break;
    default:
      op = GetFound(invoked_us, returned_us, random->OneIn(2) ? value : value + 9);
      break;
  }
  if (op.kind == ClientOpKind::kSet && random->OneIn(3)) {
    op.condition = random->OneIn(2) ? ClientCondition::kIfAbsent : ClientCondition::kIfPresent;
    if (random->OneIn(2)) op.outcome = ClientOutcome::kConditionFailed;
  }
  return random->OneIn(5) ? Unknown(op) : op;
}

}  // namespace

ClientOp SetOk(int64_t invoked_us, int64_t returned_us, int64_t value) {
  ClientOp op = Answered(ClientOpKind::kSet, invoked_us, returned_us);
  op.value = value;
  return op;
}

ClientOp DeleteOk(int64_t invoked_us, int64_t returned_us) {
  return Answered(ClientOpKind::kDelete, invoked_us, returned_us);
}

ClientOp GetFound(int64_t invoked_us, int64_t returned_us, int64_t value) {
  ClientOp op = Answered(ClientOpKind::kGet, invoked_us, returned_us);
  op.found = true;
  op.value_read = value;
  return op;
}

ClientOp GetMiss(int64_t invoked_us, int64_t returned_us) {
  return Answered(ClientOpKind::kGet, invoked_us, returned_us);
}

ClientOp IncrementOk(int64_t invoked_us, int64_t returned_us, int64_t number) {
  ClientOp op = Answered(ClientOpKind::kIncrement, invoked_us, returned_us);
  op.value = 1;
  op.value_read = number;
  return op;
}

ClientOp ExpiryOf(int32_t index, int64_t earliest_us, int64_t latest_us) {
  ClientOp op = Answered(ClientOpKind::kExpire, earliest_us, latest_us);
  op.expires = index;
  return op;
}

ClientOp Unknown(ClientOp op) {
  op.outcome = ClientOutcome::kUnknown;
  op.returned_us = kNever;
  return op;
}

ClientOp WithVersion(ClientOp op, uint64_t hlc) {
  op.version = model::Ballot{1, hlc, 1};
  return op;
}

History RandomHistory(base::Random* random) {
  History history;
  const uint64_t size = 2 + random->Uniform(5);
  for (uint64_t i = 0; i < size; ++i) {
    history.push_back(RandomOp(random, static_cast<int64_t>(random->Uniform(3))));
  }
  return history;
}

}  // namespace quorumcache::sim
