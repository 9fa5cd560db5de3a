// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"

namespace quorumcache::sim {
namespace {

using base::Random;

Aim DrawAim(Random* random) {
  using enum Aim;
  constexpr Aim kAims[] = {kMixed,      kMixed,    kBlindDuel,  kBlindDuel,      kConditional,
                           kTimeToLive, kReaders,  kRetries,    kLoss,           kCollision,
                           kCollision,  kAppend,   kDoubles,    kMove,           kReturn,
                           kTopology,   kTopology, kForgetting, kMoveForgetting, kMoveExpiry};
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

SimClock DrawClock(Random* random, int64_t spread_ms, int64_t drift_permille) {
  SimClock clock;
  clock.offset_ms = Between(random, -spread_ms, spread_ms);
  clock.drift_permille = Between(random, -drift_permille, drift_permille);
  return clock;
}

// Mostly small against the times to live, sometimes about the bound, and sometimes none at all.
void DrawClocks(Random* random, Plan* plan) {
  constexpr int64_t kSpreads[] = {0, 3, 3, 20, 20, 240, 600};
  const int64_t node_spread = kSpreads[random->Uniform(std::size(kSpreads))];
  const int64_t coordinator_spread = kSpreads[random->Uniform(std::size(kSpreads))];
  const int64_t drift_permille = random->OneIn(3) ? 300 : 0;
  for (size_t i = 0; i < plan->slot_of_node.size(); ++i) {
    plan->node_clocks.push_back(DrawClock(random, node_spread, drift_permille));
  }
  const uint64_t coordinators = 2 + random->Uniform(2);
  for (uint64_t i = 0; i < coordinators; ++i) {
    plan->coordinator_clocks.push_back(DrawClock(random, coordinator_spread, drift_permille));
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
  constexpr ClientOpKind kForgotten[] = {kGet, kGet, kSet, kSet, kDelete, kDelete, kTouch};
  switch (aim) {
    case Aim::kForgetting:
      return kForgotten[random->Uniform(std::size(kForgotten))];
    case Aim::kAny:
    case Aim::kMixed:
    case Aim::kLoss:
    case Aim::kTopology:
    case Aim::kMoveForgetting:
    case Aim::kMoveExpiry:
    case Aim::kReturn:
      return kMixed[random->Uniform(std::size(kMixed))];
    case Aim::kBlindDuel:
      return kDuel[random->Uniform(std::size(kDuel))];
    case Aim::kConditional:
      return kConditional[random->Uniform(std::size(kConditional))];
    case Aim::kRestarts:
    case Aim::kTimeToLive:
      return kTtl[random->Uniform(std::size(kTtl))];
    case Aim::kReaders:
      return kReading[random->Uniform(std::size(kReading))];
    case Aim::kAppend:
      return random->OneIn(3) ? kGet : kSet;
    case Aim::kRetries:
      return kRetrying[random->Uniform(std::size(kRetrying))];
    case Aim::kDoubles:
      return random->OneIn(4) ? kGet : kIncrement;
    case Aim::kMove:
    case Aim::kCollision:
      return kColliding[random->Uniform(std::size(kColliding))];
  }
  return kGet;
}

void DrawTimeToLive(Random* random, Aim aim, PlannedOp* op) {
  const bool writes = op->kind == ClientOpKind::kSet || op->kind == ClientOpKind::kTouch ||
                      op->kind == ClientOpKind::kIncrement;
  const bool wants =
      op->kind == ClientOpKind::kTouch || aim == Aim::kTimeToLive || aim == Aim::kRestarts
          ? !random->OneIn(8)
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
  const bool appends = aim == Aim::kAppend && op.kind == ClientOpKind::kSet;
  if (random->OneIn(12)) op.consistency = model::Consistency::kAll;
  if (!appends) DrawTimeToLive(random, aim, &op);
  const bool writes = op.kind != ClientOpKind::kGet;
  const bool conditional = aim == Aim::kConditional ? !random->OneIn(3) : random->OneIn(8);
  const bool may = op.kind == ClientOpKind::kSet || op.kind == ClientOpKind::kDelete;
  if (may && conditional) op.condition = static_cast<ClientCondition>(1 + random->Uniform(3));
  op.return_previous = appends || (op.kind == ClientOpKind::kSet && random->OneIn(10));
  op.has_request_id = writes && (aim == Aim::kRetries || random->OneIn(3));
  if (op.has_request_id) op.retries = static_cast<uint8_t>(random->Uniform(3));
  return op;
}

PlannedFault DrawFault(Random* random, int64_t span_us, const Plan& plan) {
  using enum FaultKind;
  constexpr FaultKind kKinds[] = {kKillNode,      kKillNode,        kPauseNode,
                                  kPauseNode,     kPowerFailNode,   kWipeNode,
                                  kDiskFull,      kKillCoordinator, kPauseCoordinator,
                                  kCutRequests,   kCutRequests,     kCutReplies,
                                  kCutReplies,    kCutBoth,         kIsolateNode,
                                  kNewEpoch,      kNewEpoch,        kFailFsync,
                                  kCorruptRecord, kJumpNodeClock,   kJumpCoordinatorClock};
  PlannedFault fault;
  fault.at_us = Between(random, 0, span_us);
  fault.kind = kKinds[random->Uniform(std::size(kKinds))];
  fault.node = static_cast<uint8_t>(random->Uniform(plan.slot_of_node.size()));
  fault.coordinator = static_cast<uint8_t>(random->Uniform(plan.coordinator_clocks.size()));
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
  for (SimClock& clock : plan->coordinator_clocks) clock = SimClock{Between(random, 0, 2), 0};
  plan->node_clocks.assign(plan->node_clocks.size(), SimClock{1, 0});
  plan->network.slow_one_in = 3;
  plan->network.slow_max_us = 3'000;
  plan->faults.clear();
}

// One slot is two nodes, and what they hold of the past is not the same.
void MakeMove(Random* random, Plan* plan) {
  plan->slot_of_node = {0, 1, 2, 2};
  plan->vacant_slot = -1;
  plan->node_clocks.assign(4, SimClock{1, 0});
  plan->network.lose_request_one_in = 4 + static_cast<uint32_t>(random->Uniform(8));
}

// Whoever starts anew must not believe that it is earlier than it had told.
void MakeRestarts(Random* random, int64_t span_us, Plan* plan) {
  for (SimClock& clock : plan->coordinator_clocks) clock = SimClock{Between(random, -15, 15), 0};
  for (SimClock& clock : plan->node_clocks) clock = SimClock{-15, 0};
  const uint64_t kills = 4 + random->Uniform(8);
  plan->faults.clear();
  for (uint64_t i = 0; i < kills; ++i) {
    const auto node = static_cast<uint8_t>(random->Uniform(plan->slot_of_node.size()));
    plan->faults.push_back({Between(random, 0, span_us), FaultKind::kKillNode, node, 0, 100, 0});
  }
}

// What comes late and twice is refused where its first copy was accepted.
void MakeDoubles(Random* random, Plan* plan) {
  for (PlannedOp& op : plan->ops) {
    op.at_us = Between(random, 0, 4'000);
    op.timeout_us = 30'000;
    op.ttl_ms = 0;
  }
  plan->network.double_one_in = 2;
  plan->network.lose_reply_one_in = 3;
  plan->network.slow_one_in = 4;
  plan->network.slow_max_us = 3'000;
  plan->faults.clear();
}

// Of three nodes one misses what happens first, one loses what it has, and then the third is not
// heard: whoever trusts the second has forgotten the first half.
void MakeLoss(Random* random, int64_t span_us, Plan* plan) {
  using enum FaultKind;
  constexpr FaultKind kLosses[] = {kPowerFailNode, kWipeNode, kCorruptRecord, kKillNode};
  const int64_t middle_us = span_us / 2;
  const auto first = static_cast<uint8_t>(random->Uniform(3));
  const auto other = [&](int i) { return static_cast<uint8_t>((first + i) % 3); };
  plan->slot_of_node = {0, 1, 2};
  plan->vacant_slot = -1;
  plan->node_clocks.resize(3, SimClock{});
  plan->faults = {
      PlannedFault{0, kIsolateNode, first, 0, middle_us, -1},
      PlannedFault{middle_us, kLosses[random->Uniform(std::size(kLosses))], other(1), 0, 500, 0},
      PlannedFault{middle_us, kPauseNode, other(2), 0, span_us, 0}};
}

// Rounds at any time, and for this aim nodes that are stopped while messages to them grow old.
void DrawRounds(Random* random, Aim aim, int64_t span_us, Plan* plan) {
  const bool is_aim = aim == Aim::kForgetting;
  if (!is_aim && !random->OneIn(4)) return;
  // Messages that were slow, or waited for a stopped node, are older than all of these.
  constexpr int64_t kGraces[] = {0, 2, 2, 5};
  const uint64_t rounds = is_aim ? 2 + random->Uniform(4) : 1 + random->Uniform(2);
  for (uint64_t i = 0; i < rounds; ++i) {
    plan->rounds.push_back(
        PlannedRound{Between(random, 0, span_us + span_us / 2),
                     static_cast<uint8_t>(random->Uniform(plan->slot_of_node.size())),
                     kGraces[random->Uniform(std::size(kGraces))]});
  }
  if (!is_aim) return;
  plan->slot_of_node = {0, 1, 2};
  plan->vacant_slot = -1;
  plan->node_clocks.assign(3, SimClock{});
  for (SimClock& clock : plan->node_clocks) clock.offset_ms = Between(random, -1, 1);
  NetworkPlan& network = plan->network;
  network.slow_one_in = 4;
  // Rounds are to come to their end.
  if (!random->OneIn(3)) network.lose_request_one_in = network.lose_reply_one_in = 0;
  for (PlannedRound& round : plan->rounds) round.node = static_cast<uint8_t>(random->Uniform(3));
  for (PlannedFault& fault : plan->faults) {
    fault.node %= 3;
    if (!random->OneIn(2)) fault.kind = FaultKind::kPauseNode;
  }
}

// A delete among rounds: coordinators whose clocks are behind, so that what they send is at or
// below a floor while it is on its way, and reaches some replicas before it and some behind it.
void MakeRace(Random* random, Plan* plan) {
  constexpr ClientOpKind kKinds[] = {ClientOpKind::kSet, ClientOpKind::kDelete, ClientOpKind::kGet,
                                     ClientOpKind::kGet};
  plan->ops.resize(std::min<size_t>(plan->ops.size(), 4 + random->Uniform(3)));
  for (size_t i = 0; i < plan->ops.size(); ++i) {
    PlannedOp& op = plan->ops[i];
    op = PlannedOp{.at_us = static_cast<int64_t>(i) * 1'500 + Between(random, 0, 800),
                   .coordinator = op.coordinator,
                   .kind = kKinds[std::min<size_t>(i, 3)],
                   .timeout_us = 20'000};
  }
  for (SimClock& clock : plan->coordinator_clocks) clock = SimClock{-3, 0};
  plan->node_clocks.assign(3, SimClock{});
  plan->network = NetworkPlan{.slow_one_in = 3, .slow_max_us = 2'000};
  plan->faults.clear();
  for (PlannedRound& round : plan->rounds) {
    round.at_us = Between(random, 1'200, 3'600);
    round.grace_ms = Between(random, 0, 1);
  }
}

// A delete, a round that comes to its end, and operations that look while some replicas have
// dropped the tombstone and others have not.
void MakeDrop(Random* random, Plan* plan) {
  plan->ops.resize(std::min<size_t>(plan->ops.size(), 8));
  for (size_t i = 0; i < plan->ops.size(); ++i) {
    constexpr ClientOpKind kFirst[] = {ClientOpKind::kSet, ClientOpKind::kDelete};
    plan->ops[i] =
        PlannedOp{.at_us = i < 2 ? static_cast<int64_t>(i) * 1'500 : Between(random, 7'000, 16'000),
                  .coordinator = plan->ops[i].coordinator,
                  .kind = i < 2 ? kFirst[i] : ClientOpKind::kTouch,
                  .timeout_us = 20'000};
  }
  for (SimClock& clock : plan->coordinator_clocks) clock = SimClock{-1, 0};
  plan->node_clocks.assign(3, SimClock{});
  plan->network = NetworkPlan{.slow_one_in = 3, .slow_max_us = 3'000};
  plan->faults.clear();
  plan->rounds.resize(1);
  plan->rounds[0].at_us = Between(random, 5'000, 7'000);
  plan->rounds[0].grace_ms = 0;
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
  plan.is_append_register = aim == Aim::kAppend;
  plan.reserve_ballots = random.OneIn(3);
  plan.fsync = random.OneIn(4);
  plan.batches = random.OneIn(2);
  plan.sets_are_changes = plan.reserve_ballots && seed % 2 == 1;
  plan.hedge_delay_us = random.OneIn(2) ? 0 : Between(&random, 300, 3'000);
  const int64_t span_us = Between(&random, 1'000, 40'000);
  const uint64_t ops = 4 + random.Uniform(9);
  for (uint64_t i = 0; i < ops; ++i) {
    plan.ops.push_back(DrawOp(&random, aim, span_us, plan.coordinator_clocks.size()));
  }
  std::sort(plan.ops.begin(), plan.ops.end(),
            [](const PlannedOp& a, const PlannedOp& b) { return a.at_us < b.at_us; });
  Crowd(&random, &plan);
  const uint64_t faults = random.Uniform(4);
  for (uint64_t i = 0; i < faults; ++i) plan.faults.push_back(DrawFault(&random, span_us, plan));
  if (aim == Aim::kCollision || aim == Aim::kMove) MakeCollision(&random, &plan);
  if (aim == Aim::kMove) MakeMove(&random, &plan);
  if (aim == Aim::kRestarts) MakeRestarts(&random, span_us, &plan);
  if (aim == Aim::kDoubles) MakeDoubles(&random, &plan);
  if (aim == Aim::kLoss) MakeLoss(&random, span_us, &plan);
  DrawRounds(&random, aim, span_us, &plan);
  if (aim == Aim::kForgetting && random.OneIn(2)) {
    if (random.OneIn(4)) {
      MakeDrop(&random, &plan);
    } else {
      MakeRace(&random, &plan);
    }
  }
  if (IsAimedAtMoves(aim)) {
    AimAtMoves(&random, aim, &plan);
    return plan;
  }
  const bool may_move = wanted == Aim::kAny && aim != Aim::kMove && random.OneIn(4);
  if (aim == Aim::kTopology || may_move) DrawTopologySteps(&random, span_us, &plan);
  return plan;
}

const char* FaultName(FaultKind kind) {
  constexpr const char* kNames[] = {
      "kill node",         "pause node",   "power fail",      "wipe node",
      "disk full",         "fail fsync",   "corrupt record",  "kill coordinator",
      "pause coordinator", "cut requests", "cut replies",     "cut both",
      "isolate node",      "new epoch",    "jump node clock", "jump coordinator clock",
      "lose request",      "lose reply",   "double request",  "slow message"};
  static_assert(std::size(kNames) == kFaultKinds);
  return kNames[static_cast<size_t>(kind)];
}

namespace {

// "" where all are right.
std::string DescribeClocks(const char* whose, const std::vector<SimClock>& clocks) {
  std::string text;
  bool is_wrong = false;
  for (const SimClock& clock : clocks) {
    is_wrong = is_wrong || clock.offset_ms != 0 || clock.drift_permille != 0;
    absl::StrAppend(&text, " ", clock.offset_ms, "ms");
    if (clock.drift_permille != 0) absl::StrAppend(&text, "/", clock.drift_permille, "permille");
  }
  return is_wrong ? absl::StrCat(whose, text) : "";
}

}  // namespace

std::string Describe(const Plan& plan) {
  const NetworkPlan& net = plan.network;
  std::string text = absl::StrCat(
      "  seed ", plan.seed, ", ", plan.slot_of_node.size(),
      " nodes, lose request 1:", net.lose_request_one_in, " reply 1:", net.lose_reply_one_in,
      " double 1:", net.double_one_in, " slow 1:", net.slow_one_in, plan.fsync ? ", fsync" : "",
      plan.batches ? ", batches" : "", plan.reserve_ballots ? ", cached ballots" : "",
      DescribeClocks(", nodes", plan.node_clocks),
      DescribeClocks(", coordinators", plan.coordinator_clocks), "\n");
  for (const PlannedFault& fault : plan.faults) {
    absl::StrAppend(&text, "  ", fault.at_us, " us: ", FaultName(fault.kind), " node ", fault.node,
                    " coordinator ", fault.coordinator, " for ", fault.duration_us, " us, ",
                    fault.amount_ms, " ms\n");
  }
  for (const PlannedRound& round : plan.rounds) {
    absl::StrAppend(&text, "  ", round.at_us, " us: garbage round of node ", round.node, ", grace ",
                    round.grace_ms, " ms\n");
  }
  for (const PlannedStep& step : plan.steps) {
    absl::StrAppend(&text, "  ", step.at_us, " us: ", StepName(step.kind), " slot ", step.slot,
                    " node ", step.node, " other ", step.other, " coordinator ", step.coordinator,
                    " for ", step.duration_us, " us\n");
  }
  return text;
}

}  // namespace quorumcache::sim
