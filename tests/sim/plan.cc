// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"

namespace quorumcache::sim {
namespace {

using base::Random;

Aim DrawAim(Random* random) {
  constexpr Aim kAims[] = {Aim::kMixed,       Aim::kMixed,      Aim::kBlindDuel, Aim::kBlindDuel,
                           Aim::kConditional, Aim::kTimeToLive, Aim::kReaders,   Aim::kRetries,
                           Aim::kCollision,   Aim::kCollision};
  return kAims[random->Uniform(std::size(kAims))];
}

int64_t Between(Random* random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random->Uniform(static_cast<uint64_t>(high - low + 1)));
}

void DrawTopology(Random* random, Plan* plan) {
  plan->slot_of_node = {0, 1, 2};
  const uint64_t shape = random->Uniform(20);
  if (shape == 0) plan->slot_of_node = {0, 1, 2, 3, 4};
  if (shape <= 3 && shape > 0) plan->slot_of_node = {0, 1, 2, 2};
  if (shape == 4) plan->vacant_slot = 2;
}

// Mostly small against the times to live, sometimes about the bound, and sometimes none at all.
int64_t DrawOffset(Random* random, int64_t spread_ms) {
  return spread_ms == 0 ? 0 : Between(random, -spread_ms, spread_ms);
}

void DrawClocks(Random* random, Plan* plan) {
  constexpr int64_t kSpreads[] = {0, 3, 3, 20, 20, 240, 600};
  const int64_t node_spread = kSpreads[random->Uniform(std::size(kSpreads))];
  const int64_t coordinator_spread = kSpreads[random->Uniform(std::size(kSpreads))];
  for (size_t i = 0; i < plan->slot_of_node.size(); ++i) {
    plan->node_offset_ms.push_back(DrawOffset(random, node_spread));
  }
  const uint64_t coordinators = 2 + random->Uniform(2);
  for (uint64_t i = 0; i < coordinators; ++i) {
    plan->coordinator_offset_ms.push_back(DrawOffset(random, coordinator_spread));
  }
}

void DrawNetwork(Random* random, Plan* plan) {
  NetworkPlan& network = plan->network;
  constexpr uint32_t kRates[] = {0, 0, 4, 8, 20};
  network.lose_request_one_in = kRates[random->Uniform(std::size(kRates))];
  network.lose_reply_one_in = kRates[random->Uniform(std::size(kRates))];
  network.double_one_in = kRates[random->Uniform(std::size(kRates))];
  network.slow_one_in = kRates[random->Uniform(std::size(kRates))];
}

ClientOpKind DrawKind(Random* random, Aim aim) {
  using enum ClientOpKind;
  constexpr ClientOpKind kMixed[] = {kGet, kGet, kGet, kSet, kSet, kDelete, kTouch, kIncrement};
  constexpr ClientOpKind kDuel[] = {kGet, kGet, kSet, kSet, kSet, kDelete, kIncrement};
  constexpr ClientOpKind kConditional[] = {kGet, kSet, kSet, kSet, kIncrement, kDelete};
  constexpr ClientOpKind kTtl[] = {kGet, kGet, kGet, kSet, kTouch, kTouch, kIncrement};
  constexpr ClientOpKind kReading[] = {kGet, kGet, kGet, kGet, kSet, kDelete};
  constexpr ClientOpKind kRetrying[] = {kGet, kIncrement, kIncrement, kSet, kIncrement};
  constexpr ClientOpKind kColliding[] = {kSet, kSet, kSet, kIncrement, kIncrement, kGet};
  switch (aim) {
    case Aim::kAny:
    case Aim::kMixed:
      return kMixed[random->Uniform(std::size(kMixed))];
    case Aim::kBlindDuel:
      return kDuel[random->Uniform(std::size(kDuel))];
    case Aim::kConditional:
      return kConditional[random->Uniform(std::size(kConditional))];
    case Aim::kTimeToLive:
      return kTtl[random->Uniform(std::size(kTtl))];
    case Aim::kReaders:
      return kReading[random->Uniform(std::size(kReading))];
    case Aim::kRetries:
      return kRetrying[random->Uniform(std::size(kRetrying))];
    case Aim::kCollision:
      return kColliding[random->Uniform(std::size(kColliding))];
  }
  return kGet;
}

void DrawTimeToLive(Random* random, Aim aim, PlannedOp* op) {
  const bool writes = op->kind == ClientOpKind::kSet || op->kind == ClientOpKind::kTouch ||
                      op->kind == ClientOpKind::kIncrement;
  const bool wants = op->kind == ClientOpKind::kTouch || aim == Aim::kTimeToLive ? !random->OneIn(8)
                                                                                 : random->OneIn(8);
  if (writes && wants) op->ttl_ms = Between(random, 2, 40);
  op->keep_ttl = op->kind != ClientOpKind::kTouch && writes && random->OneIn(8);
}

PlannedOp DrawOp(Random* random, Aim aim, int64_t span_us, size_t coordinators) {
  PlannedOp op;
  op.at_us = Between(random, 0, span_us);
  op.coordinator = static_cast<uint8_t>(random->Uniform(coordinators));
  op.kind = DrawKind(random, aim);
  op.timeout_us = Between(random, 2'000, 30'000);
  if (random->OneIn(12)) op.consistency = model::Consistency::kAll;
  DrawTimeToLive(random, aim, &op);
  const bool writes = op.kind != ClientOpKind::kGet;
  const bool conditional = aim == Aim::kConditional ? !random->OneIn(3) : random->OneIn(8);
  const bool may = op.kind == ClientOpKind::kSet || op.kind == ClientOpKind::kDelete;
  if (may && conditional) op.condition = static_cast<ClientCondition>(1 + random->Uniform(3));
  op.return_previous = op.kind == ClientOpKind::kSet && random->OneIn(10);
  op.has_request_id = writes && (aim == Aim::kRetries || random->OneIn(3));
  if (op.has_request_id) op.retries = static_cast<uint8_t>(random->Uniform(3));
  return op;
}

PlannedFault DrawFault(Random* random, int64_t span_us, const Plan& plan) {
  constexpr FaultKind kKinds[] = {
      FaultKind::kKillNode,    FaultKind::kKillNode,        FaultKind::kPauseNode,
      FaultKind::kPauseNode,   FaultKind::kPowerFailNode,   FaultKind::kWipeNode,
      FaultKind::kDiskFull,    FaultKind::kKillCoordinator, FaultKind::kCutRequests,
      FaultKind::kCutRequests, FaultKind::kCutReplies,      FaultKind::kCutReplies,
      FaultKind::kCutBoth,     FaultKind::kJumpNodeClock,   FaultKind::kJumpCoordinatorClock};
  PlannedFault fault;
  fault.at_us = Between(random, 0, span_us);
  fault.kind = kKinds[random->Uniform(std::size(kKinds))];
  fault.node = static_cast<uint8_t>(random->Uniform(plan.slot_of_node.size()));
  fault.coordinator = static_cast<uint8_t>(random->Uniform(plan.coordinator_offset_ms.size()));
  fault.duration_us = Between(random, 500, span_us / 2 + 1'000);
  fault.amount_ms = Between(random, -30, 30);
  return fault;
}

// Several operations at almost the same time collide; one after another they do not.
void Crowd(Random* random, Plan* plan) {
  for (size_t i = 1; i < plan->ops.size(); ++i) {
    if (random->OneIn(2)) plan->ops[i].at_us = plan->ops[i - 1].at_us + Between(random, 0, 600);
  }
}

// Few operations, all in flight together: more of them would only finish each other off.
void MakeCollision(Random* random, Plan* plan) {
  plan->ops.resize(std::min<size_t>(plan->ops.size(), 3 + random->Uniform(3)));
  for (PlannedOp& op : plan->ops) {
    op.at_us = Between(random, 0, 400);
    op.timeout_us = 30'000;
    op.consistency = model::Consistency::kQuorum;
  }
  for (int64_t& offset_ms : plan->coordinator_offset_ms) offset_ms = Between(random, 0, 2);
  plan->node_offset_ms.assign(plan->node_offset_ms.size(), 1);
  plan->network.slow_one_in = 3;
  plan->network.slow_max_us = 3'000;
  plan->faults.clear();
}

}  // namespace

Plan MakePlan(uint64_t seed, Aim wanted) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  const Aim drawn = DrawAim(&random);
  const Aim aim = wanted == Aim::kAny ? drawn : wanted;
  DrawTopology(&random, &plan);
  DrawClocks(&random, &plan);
  DrawNetwork(&random, &plan);
  plan.reserve_ballots = random.OneIn(3);
  plan.hedge_delay_us = random.OneIn(2) ? 0 : Between(&random, 300, 3'000);
  const int64_t span_us = Between(&random, 1'000, 40'000);
  const uint64_t ops = 4 + random.Uniform(9);
  for (uint64_t i = 0; i < ops; ++i) {
    plan.ops.push_back(DrawOp(&random, aim, span_us, plan.coordinator_offset_ms.size()));
  }
  std::sort(plan.ops.begin(), plan.ops.end(),
            [](const PlannedOp& a, const PlannedOp& b) { return a.at_us < b.at_us; });
  Crowd(&random, &plan);
  const uint64_t faults = random.Uniform(4);
  for (uint64_t i = 0; i < faults; ++i) plan.faults.push_back(DrawFault(&random, span_us, plan));
  if (aim == Aim::kCollision) MakeCollision(&random, &plan);
  return plan;
}

std::string Describe(const Plan& plan) {
  constexpr const char* kFaults[] = {"kill node",
                                     "pause node",
                                     "power fail",
                                     "wipe node",
                                     "disk full",
                                     "kill coordinator",
                                     "cut requests",
                                     "cut replies",
                                     "cut both",
                                     "jump node clock",
                                     "jump coordinator clock"};
  const NetworkPlan& net = plan.network;
  std::string text = absl::StrCat(
      "  seed ", plan.seed, ", ", plan.slot_of_node.size(),
      " nodes, lose request 1:", net.lose_request_one_in, " reply 1:", net.lose_reply_one_in,
      " double 1:", net.double_one_in, " slow 1:", net.slow_one_in, "\n");
  for (const PlannedFault& fault : plan.faults) {
    absl::StrAppend(&text, "  ", fault.at_us, " us: ", kFaults[static_cast<int>(fault.kind)],
                    " node ", fault.node, " coordinator ", fault.coordinator, " for ",
                    fault.duration_us, " us, ", fault.amount_ms, " ms\n");
  }
  return text;
}

}  // namespace quorumcache::sim
