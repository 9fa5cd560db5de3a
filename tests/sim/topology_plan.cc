// SPDX-License-Identifier: Apache-2.0
// Plan: changes of members, and what goes wrong around them.
#include <algorithm>

#include "tests/sim/plan.h"

namespace quorumcache::sim {
namespace {

using base::Random;

int64_t UpTo(Random* random, int64_t bound) {
  return static_cast<int64_t>(random->Uniform(static_cast<uint64_t>(bound) + 1));
}

PlannedStep DrawStep(Random* random, StepKind kind, int64_t span_us, const Plan& plan) {
  const size_t members = plan.slot_of_node.size();
  PlannedStep step;
  step.at_us = UpTo(random, span_us);
  step.kind = kind;
  step.slot = static_cast<uint8_t>(random->Uniform(members));
  step.node = static_cast<uint8_t>(random->Uniform(members + plan.spare_nodes));
  step.other = static_cast<uint8_t>(random->Uniform(members + plan.spare_nodes));
  step.coordinator = static_cast<uint8_t>(random->Uniform(plan.coordinator_clocks.size()));
  step.duration_us = 500 + UpTo(random, span_us / 2);
  return step;
}

// Faults strike newcomers, too, and rounds are run by them.
void SpreadFaults(Random* random, Plan* plan) {
  const size_t nodes = plan->slot_of_node.size() + plan->spare_nodes;
  for (PlannedFault& fault : plan->faults) {
    if (random->OneIn(2)) fault.node = static_cast<uint8_t>(random->Uniform(nodes));
  }
  for (PlannedRound& round : plan->rounds) {
    if (random->OneIn(2)) round.node = static_cast<uint8_t>(random->Uniform(nodes));
  }
}

// The moving slot's node, another one and a coordinator do not hear of the maps, and go on with
// each other as if nothing had happened; the first may be killed when it has been told otherwise.
void Deafen(Random* random, Plan* plan) {
  PlannedStep& first = plan->steps.front();
  first.at_us /= 4;
  const size_t members = plan->slot_of_node.size();
  const auto other =
      static_cast<uint8_t>((first.slot + 1 + random->Uniform(members - 1)) % members);
  plan->deaf_nodes = static_cast<uint16_t>(1u << first.slot | 1u << other);
  plan->deaf_coordinators =
      static_cast<uint16_t>(1u << random->Uniform(plan->coordinator_clocks.size()));
  if (random->OneIn(2)) {
    plan->faults.push_back(PlannedFault{.at_us = first.at_us + 800 + UpTo(random, 5'000),
                                        .kind = FaultKind::kKillNode,
                                        .node = first.slot,
                                        .duration_us = 200 + UpTo(random, 1'500)});
  }
}

}  // namespace

// One change or two, perhaps aborted; a store that is away, repairs that come late, drivers that
// change or are two.
void DrawTopologySteps(Random* random, int64_t span_us, Plan* plan) {
  using enum StepKind;
  if (plan->slot_of_node.size() == 4 || plan->vacant_slot >= 0) plan->slot_of_node = {0, 1, 2};
  plan->vacant_slot = -1;
  plan->spare_nodes = static_cast<uint8_t>(1 + random->Uniform(3));
  plan->node_clocks.resize(plan->slot_of_node.size());
  for (uint8_t i = 0; i < plan->spare_nodes; ++i) {
    plan->node_clocks.push_back(plan->node_clocks[random->Uniform(plan->slot_of_node.size())]);
  }
  const uint64_t changes = 1 + random->Uniform(3);
  for (uint64_t i = 0; i < changes; ++i) {
    const StepKind kind = random->OneIn(3) ? kReplace : kMove;
    plan->steps.push_back(DrawStep(random, kind, span_us, *plan));
    if (i == 0 && random->OneIn(2)) plan->steps.back().at_us /= 4;
  }
  constexpr StepKind kTrouble[] = {kAbort,  kAbort,  kStoreDown, kStoreDown, kRepair,
                                   kRepair, kRepair, kRepair,    kLease,     kLease};
  const uint64_t troubles = random->Uniform(5);
  for (uint64_t i = 0; i < troubles; ++i) {
    const StepKind kind = kTrouble[random->Uniform(std::size(kTrouble))];
    plan->steps.push_back(DrawStep(random, kind, span_us, *plan));
  }
  SpreadFaults(random, plan);
  if (random->OneIn(3)) Deafen(random, plan);
}

const char* StepName(StepKind kind) {
  constexpr const char* kNames[] = {"move",       "replace", "abort",
                                    "store down", "repair",  "driver lease"};
  static_assert(std::size(kNames) == kStepKinds);
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace quorumcache::sim
