// SPDX-License-Identifier: Apache-2.0
#include "tests/history/test_histories.h"

#include <algorithm>
#include <utility>
#include <vector>

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

// Takes effect at one moment between the two, on a place in memory.
struct Instant {
  int64_t at_ns = 0;
  size_t op = 0;
};

void TakeEffect(int64_t* value, ClientOp* op) {
  switch (op->kind) {
    case ClientOpKind::kSet:
      op->previous_known = true;
      op->has_previous = *value != 0;
      op->value_read = *value;
      *value = op->value;
      break;
    case ClientOpKind::kDelete:
      *value = 0;
      break;
    default:
      op->found = *value != 0;
      op->value_read = *value;
      break;
  }
}

}  // namespace

History AtomicHistory(base::Random* random, size_t size, size_t clients) {
  History history;
  std::vector<Instant> instants;
  std::vector<int64_t> free_at_ns(clients, 0);
  for (size_t i = 0; i < size; ++i) {
    int64_t& clock_ns = free_at_ns[i % clients];
    const int64_t invoked_ns = clock_ns + 1 + static_cast<int64_t>(random->Uniform(100));
    const int64_t returned_ns = invoked_ns + 2 + static_cast<int64_t>(random->Uniform(200));
    clock_ns = returned_ns;
    const uint64_t draw = random->Uniform(10);
    ClientOp op = draw < 5   ? GetMiss(invoked_ns, returned_ns)
                  : draw < 9 ? SetOk(invoked_ns, returned_ns, static_cast<int64_t>(i) + 1)
                             : DeleteOk(invoked_ns, returned_ns);
    op.return_previous = draw == 8;
    op.process = static_cast<int32_t>(i % clients);
    const auto span_ns = static_cast<uint64_t>(returned_ns - invoked_ns);
    instants.push_back({invoked_ns + static_cast<int64_t>(random->Uniform(span_ns)), i});
    history.push_back(op);
  }
  std::sort(instants.begin(), instants.end(), [](const Instant& a, const Instant& b) {
    return std::pair(a.at_ns, a.op) < std::pair(b.at_ns, b.op);
  });
  int64_t value = 0;
  for (const Instant& instant : instants) {
    const bool is_lost = random->OneIn(50);
    if (!is_lost || random->OneIn(2)) TakeEffect(&value, &history[instant.op]);
    if (!is_lost) continue;
    ClientOp& op = history[instant.op];
    op.previous_known = op.has_previous = op.found = false;
    op.value_read = 0;
    op = Unknown(op);
  }
  return history;
}

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
