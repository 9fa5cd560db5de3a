// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_plan.h"

#include <algorithm>

#include "common/base/check.h"
#include "storage_node/replica/garbage_watch.h"

namespace quorumcache::transfer {
namespace {

constexpr uint64_t kUnknown = replica::GarbageWatch::kUnknown;

bool IsHeldBy(const topology::PartitionEntry& entry, topology::NodeIndex self) {
  return std::any_of(entry.slots.begin(), entry.slots.end(),
                     [self](const topology::Slot& slot) { return slot.Names(self); });
}

// Dead for longer than the grace; 0: not yet.
uint64_t OverdueMs(uint64_t earliest_ms, uint64_t now_ms, uint64_t grace_ms) {
  if (now_ms < grace_ms || earliest_ms > now_ms - grace_ms) return 0;
  return now_ms - grace_ms - earliest_ms + 1;
}

}  // namespace

bool RunsRounds(const topology::ClusterMap& map, uint32_t partition, topology::NodeIndex self) {
  const topology::PartitionEntry& entry = map.partitions.at(partition);
  return !entry.slots.empty() && entry.slots[partition % entry.slots.size()].holder == self;
}

GarbagePassPlan PlanGarbagePass(const topology::ClusterMap& map, topology::NodeIndex self,
                                std::span<const uint64_t> earliest_ms, uint64_t now_ms,
                                uint64_t grace_ms, const std::vector<bool>& was_unknown) {
  QC_CHECK(earliest_ms.size() == map.partitions.size());
  GarbagePassPlan plan;
  plan.was_unknown.assign(earliest_ms.size(), false);
  std::deque<GarbageJob> surveys;
  for (uint32_t partition = 0; partition < earliest_ms.size(); ++partition) {
    const topology::PartitionEntry& entry = map.partitions[partition];
    const bool is_due = OverdueMs(earliest_ms[partition], now_ms, grace_ms) > 0;
    if (!is_due || !IsHeldBy(entry, self)) continue;
    const bool is_mine = RunsRounds(map, partition, self);
    plan.was_unknown[partition] = earliest_ms[partition] == kUnknown;
    if (is_mine && entry.IsSettled()) {
      plan.jobs.push_back(GarbageJob{.partition = partition});
      continue;
    }
    plan.unsettled += is_mine;
    if (plan.was_unknown[partition] && !was_unknown.empty() && was_unknown[partition]) {
      surveys.push_back(GarbageJob{.partition = partition, .is_survey = true});
    }
  }
  plan.jobs.insert(plan.jobs.end(), surveys.begin(), surveys.end());
  return plan;
}

WaitingGarbage FindWaiting(const topology::ClusterMap& map, topology::NodeIndex self,
                           std::span<const uint64_t> earliest_ms, uint64_t now_ms,
                           uint64_t grace_ms) {
  QC_CHECK(earliest_ms.size() == map.partitions.size());
  WaitingGarbage waiting;
  for (uint32_t partition = 0; partition < earliest_ms.size(); ++partition) {
    if (earliest_ms[partition] == kUnknown || !IsHeldBy(map.partitions[partition], self)) continue;
    const uint64_t overdue_ms = OverdueMs(earliest_ms[partition], now_ms, grace_ms);
    waiting.partitions += overdue_ms > 0;
    waiting.oldest_ms = std::max(waiting.oldest_ms, overdue_ms);
  }
  return waiting;
}

}  // namespace quorumcache::transfer
