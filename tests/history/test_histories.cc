// SPDX-License-Identifier: Apache-2.0
#include "tests/history/test_histories.h"

namespace quorumcache::history {
namespace {

ClientOp Answered(ClientOpKind kind, int64_t invoked_ns, int64_t returned_ns) {
  ClientOp op;
  op.kind = kind;
  op.invoked_ns = invoked_ns;
  op.returned_ns = returned_ns;
  op.outcome = ClientOutcome::kOk;
  return op;
}

ClientOp RandomOp(base::Random* random, int64_t number) {
  const auto invoked_ns = static_cast<int64_t>(random->Uniform(40));
  const int64_t returned_ns = invoked_ns + 1 + static_cast<int64_t>(random->Uniform(30));
  const auto value = static_cast<int64_t>(1 + random->Uniform(3));
  ClientOp op;
  switch (random->Uniform(6)) {
    case 0:
      op = SetOk(invoked_ns, returned_ns, number + 10);
      break;
    case 1:
      op = DeleteOk(invoked_ns, returned_ns);
      break;
    case 2:
      op = IncrementOk(invoked_ns, returned_ns, value);
      break;
    case 3:
      op = GetMiss(invoked_ns, returned_ns);
      break;
    default:
      op = GetFound(invoked_ns, returned_ns, random->OneIn(2) ? value : value + 9);
      break;
  }
  if (op.kind == ClientOpKind::kSet && random->OneIn(3)) {
    op.condition = random->OneIn(2) ? ClientCondition::kIfAbsent : ClientCondition::kIfPresent;
    if (random->OneIn(2)) op.outcome = ClientOutcome::kConditionFailed;
  }
  return random->OneIn(5) ? Unknown(op) : op;
}

}  // namespace

ClientOp SetOk(int64_t invoked_ns, int64_t returned_ns, int64_t value) {
  ClientOp op = Answered(ClientOpKind::kSet, invoked_ns, returned_ns);
  op.value = value;
  return op;
}

ClientOp DeleteOk(int64_t invoked_ns, int64_t returned_ns) {
  return Answered(ClientOpKind::kDelete, invoked_ns, returned_ns);
}

ClientOp GetFound(int64_t invoked_ns, int64_t returned_ns, int64_t value) {
  ClientOp op = Answered(ClientOpKind::kGet, invoked_ns, returned_ns);
  op.found = true;
  op.value_read = value;
  return op;
}

ClientOp GetMiss(int64_t invoked_ns, int64_t returned_ns) {
  return Answered(ClientOpKind::kGet, invoked_ns, returned_ns);
}

ClientOp IncrementOk(int64_t invoked_ns, int64_t returned_ns, int64_t number) {
  ClientOp op = Answered(ClientOpKind::kIncrement, invoked_ns, returned_ns);
  op.value = 1;
  op.value_read = number;
  return op;
}

ClientOp ExpiryOf(int32_t index, int64_t earliest_ns, int64_t latest_ns) {
  ClientOp op = Answered(ClientOpKind::kExpire, earliest_ns, latest_ns);
  op.expires = index;
  return op;
}

ClientOp Unknown(ClientOp op) {
  op.outcome = ClientOutcome::kUnknown;
  op.returned_ns = kNever;
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

}  // namespace quorumcache::history
