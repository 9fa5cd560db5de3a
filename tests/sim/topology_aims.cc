// SPDX-License-Identifier: Apache-2.0
// Plan: histories that aim at one moment of a move. What each is after stands in plan.h, at its
// Aim.
#include <algorithm>
#include <utility>

#include "tests/sim/plan.h"

namespace quorumcache::sim {
namespace {

using base::Random;

int64_t Between(Random* random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random->Uniform(static_cast<uint64_t>(high - low + 1)));
}

uint8_t OneOf(Random* random, size_t count) {
  return static_cast<uint8_t>(random->Uniform(count));
}

// Three nodes in three slots and a fourth one, right clocks, a network that only delays.
void MakeCalm(Plan* plan) {
  plan->slot_of_node = {0, 1, 2};
  plan->vacant_slot = -1;
  plan->spare_nodes = 1;
  plan->node_clocks.assign(4, SimClock{});
  plan->network = NetworkPlan{.slow_one_in = 4, .slow_max_us = 3'000};
  plan->faults.clear();
  plan->rounds.clear();
  plan->is_append_register = false;
}

PlannedStep MoveOf(int64_t at_us, uint8_t slot, uint8_t node, StepKind kind = StepKind::kMove) {
  // `other` is the node itself: nothing else moves.
  return {.at_us = at_us, .kind = kind, .slot = slot, .node = node, .other = node};
}

PlannedOp OpOf(Random* random, int64_t at_us, ClientOpKind kind, const Plan& plan) {
  return {.at_us = at_us,
          .coordinator = OneOf(random, plan.coordinator_clocks.size()),
          .kind = kind,
          .timeout_us = 20'000};
}

// The slot goes to the fourth node and, later, back to the one that had it, which may have slept
// through all of it.
void DrawThereAndBack(Random* random, int64_t at_us, uint8_t slot, Plan* plan) {
  const StepKind kind = random->OneIn(4) ? StepKind::kReplace : StepKind::kMove;
  plan->steps = {MoveOf(at_us, slot, 3, kind)};
  int64_t back_us = at_us;
  for (int i = 0; i < 5; ++i) {
    back_us += Between(random, 700, 3'000);
    plan->steps.push_back(MoveOf(back_us, slot, slot));
  }
  plan->late_nodes = static_cast<uint16_t>(1u << slot);
}

// A value, its delete, rounds that forget both; a copy of the value that is under way as a hint;
// and a move in the midst of it.
void MakeMoveForgetting(Random* random, Plan* plan) {
  const uint8_t slot = OneOf(random, 3);
  for (SimClock& clock : plan->coordinator_clocks) clock = SimClock{-3, 0};
  plan->ops = {OpOf(random, Between(random, 0, 300), ClientOpKind::kSet, *plan),
               OpOf(random, Between(random, 1'200, 3'000), ClientOpKind::kDelete, *plan)};
  for (int i = 0; i < 3; ++i) {
    plan->ops.push_back(OpOf(random, Between(random, 3'000, 16'000), ClientOpKind::kGet, *plan));
  }
  const int64_t at_us = Between(random, 600, 7'000);
  plan->steps = {MoveOf(at_us, slot, 3)};
  if (random->OneIn(2)) DrawThereAndBack(random, at_us, slot, plan);
  if (random->OneIn(4)) plan->deaf_nodes = static_cast<uint16_t>(1u << slot);
  for (uint64_t i = 1 + random->Uniform(3); i > 0; --i) {
    plan->steps.push_back({.at_us = Between(random, 300, 1'500),
                           .kind = StepKind::kRepair,
                           .node = OneOf(random, 3),
                           .other = random->OneIn(4) ? OneOf(random, 4) : uint8_t{3},
                           .duration_us = 9'000});
  }
  for (uint64_t i = 2 + random->Uniform(3); i > 0; --i) {
    plan->rounds.push_back({Between(random, 1'500, 9'000), OneOf(random, 4), 0});
  }
  if (random->OneIn(2)) plan->network.lose_request_one_in = 10;
}

// A value that expires while its slot moves, by one clock early and by another one late: who has
// told a reader that it is gone gives this on.
void MakeToldExpiry(Random* random, Plan* plan) {
  for (uint64_t i = 1 + random->Uniform(2); i > 0; --i) {
    plan->ops.push_back(OpOf(random, Between(random, 600, 3'500), ClientOpKind::kGet, *plan));
    plan->ops.back().coordinator = 0;
  }
  for (uint64_t i = 1 + random->Uniform(2); i > 0; --i) {
    plan->ops.push_back(OpOf(random, Between(random, 3'500, 9'000), ClientOpKind::kGet, *plan));
    plan->ops.back().coordinator = 1;
  }
}

// A Touch is promised by the moving slot and one other node, its coordinator stops, and when it
// goes on only that other node has slept through the move and obeys. Readers must have been told of
// the promise meanwhile.
void MakePromisedTouch(Random* random, uint8_t slot, Plan* plan) {
  const auto deaf = static_cast<uint8_t>((slot + 1) % 3);
  const auto unasked = static_cast<uint8_t>((slot + 2) % 3);
  const int64_t touch_us = Between(random, 600, 2'500);
  plan->ops.push_back(OpOf(random, touch_us, ClientOpKind::kTouch, *plan));
  plan->ops.back().coordinator = 1;
  plan->ops.back().ttl_ms = 5'000;
  plan->deaf_coordinators = 1u << 1;
  plan->deaf_nodes = static_cast<uint16_t>(1u << deaf);
  plan->faults = {{.at_us = touch_us - 100,
                   .kind = FaultKind::kCutRequests,
                   .node = unasked,
                   .coordinator = 1,
                   .duration_us = 12'000},
                  {.at_us = touch_us + Between(random, 100, 500),
                   .kind = FaultKind::kPauseCoordinator,
                   .coordinator = 1,
                   .duration_us = Between(random, 4'000, 8'000)}};
  for (uint64_t i = 1 + random->Uniform(2); i > 0; --i) {
    plan->ops.push_back(OpOf(random, Between(random, 3'000, 9'000), ClientOpKind::kGet, *plan));
    plan->ops.back().coordinator = 0;
  }
}

void MakeMoveExpiry(Random* random, Plan* plan) {
  const uint8_t slot = OneOf(random, 3);
  plan->coordinator_clocks.assign(2, SimClock{});
  plan->coordinator_clocks[0] = SimClock{Between(random, 9, 13), 0};
  plan->ops = {OpOf(random, 0, ClientOpKind::kSet, *plan)};
  plan->ops.front().coordinator = 1;
  plan->ops.front().ttl_ms = Between(random, 11, 14);
  plan->steps = {MoveOf(Between(random, 500, 3'000), slot, 3)};
  plan->network.slow_one_in = 0;
  plan->hedge_delay_us = 0;
  plan->reserve_ballots = plan->sets_are_changes = false;
  if (random->OneIn(2)) return MakeToldExpiry(random, plan);
  MakePromisedTouch(random, slot, plan);
}

// A node gets its slot back before it has heard that it had lost it, and is written to meanwhile.
void MakeReturn(Random* random, Plan* plan) {
  const uint8_t slot = OneOf(random, 3);
  DrawThereAndBack(random, Between(random, 0, 800), slot, plan);
  constexpr ClientOpKind kKinds[] = {ClientOpKind::kSet, ClientOpKind::kIncrement,
                                     ClientOpKind::kSet, ClientOpKind::kGet};
  plan->ops.clear();
  for (uint64_t i = 6 + random->Uniform(5); i > 0; --i) {
    const ClientOpKind kind = kKinds[random->Uniform(std::size(kKinds))];
    plan->ops.push_back(OpOf(random, Between(random, 3'500, 12'000), kind, *plan));
  }
  // What is written reaches the slot and one other node; then that one is not heard.
  const auto unasked = static_cast<uint8_t>((slot + 1) % 3);
  const auto stopped = static_cast<uint8_t>((slot + 2) % 3);
  plan->faults = {
      {.at_us = 3'000,
       .kind = FaultKind::kIsolateNode,
       .node = unasked,
       .duration_us = 10'000,
       .amount_ms = -1},
      {.at_us = 13'000, .kind = FaultKind::kPauseNode, .node = stopped, .duration_us = 30'000}};
  for (int i = 0; i < 3; ++i) {
    plan->ops.push_back(OpOf(random, Between(random, 13'500, 30'000), ClientOpKind::kGet, *plan));
  }
  plan->network.slow_one_in = 3;
}

}  // namespace

bool IsAimedAtMoves(Aim aim) {
  return aim == Aim::kMoveForgetting || aim == Aim::kMoveExpiry || aim == Aim::kReturn;
}

void AimAtMoves(Random* random, Aim aim, Plan* plan) {
  MakeCalm(plan);
  if (aim == Aim::kMoveForgetting) MakeMoveForgetting(random, plan);
  if (aim == Aim::kMoveExpiry) MakeMoveExpiry(random, plan);
  if (aim == Aim::kReturn) MakeReturn(random, plan);
  std::sort(plan->ops.begin(), plan->ops.end(),
            [](const PlannedOp& a, const PlannedOp& b) { return a.at_us < b.at_us; });
}

}  // namespace quorumcache::sim
