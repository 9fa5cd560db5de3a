// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/dropper.h"

#include <algorithm>
#include <utility>

#include "common/base/probe.h"

namespace quorumcache::replica {

using base::MonotonicTime;

Dropper::Actions Dropper::OnTasks(const std::vector<DropTask>& tasks, MonotonicTime now) {
  std::map<uint32_t, Work> works;
  for (const DropTask& task : tasks) {
    Work work{task, {}};
    // What was persisted at an epoch is so at a lower one, not at a higher.
    const auto found = tasks_.find(task.partition);
    if (found != tasks_.end() && found->second.task.epoch == task.epoch) {
      work.fenced = std::move(found->second.fenced);
    }
    works.emplace(task.partition, std::move(work));
  }
  tasks_ = std::move(works);
  next_ask_ = now;
  return OnTimer(now);
}

Dropper::Actions Dropper::OnEpochs(uint64_t id, const absl::StatusOr<std::vector<uint32_t>>& epochs,
                                   MonotonicTime now) {
  Actions actions;
  const auto ask = asks_.find(id);
  if (ask == asks_.end()) return actions;
  const std::vector<uint32_t>& partitions = ask->second.partitions;
  for (size_t i = 0; epochs.ok() && i < std::min(partitions.size(), epochs->size()); ++i) {
    const auto work = tasks_.find(partitions[i]);
    if (work == tasks_.end() || (*epochs)[i] < work->second.task.epoch) continue;
    work->second.fenced.insert(ask->second.node.id);
  }
  asks_.erase(ask);
  Drop(now, &actions);
  return actions;
}

Dropper::Actions Dropper::OnDropped(uint32_t partition, const DropProgress& progress,
                                    MonotonicTime now) {
  Actions actions;
  is_dropping_ = false;
  if (!progress.status.ok()) {
    next_drop_ = now + options_.poll;
  } else if (progress.complete) {
    QC_PROBE("dropper_partition_dropped");
    tasks_.erase(partition);
  }
  Drop(now, &actions);
  return actions;
}

void Dropper::Drop(MonotonicTime now, Actions* actions) {
  if (is_dropping_ || now < next_drop_) return;
  for (const auto& [partition, work] : tasks_) {
    if (!work.IsFree() && !options_.drops_unasked) continue;
    is_dropping_ = true;
    actions->drops.push_back(partition);
    return;
  }
}

void Dropper::AskAll(MonotonicTime now, Actions* actions) {
  if (now < next_ask_ || !asks_.empty()) return;
  std::map<std::string, Ask> by_node;
  for (const auto& [partition, work] : tasks_) {
    if (work.IsFree()) continue;
    for (const NodeRef& node : work.task.others) {
      if (work.fenced.contains(node.id)) continue;
      Ask& ask = by_node[node.id];
      ask.node = node;
      ask.partitions.push_back(partition);
    }
  }
  for (auto& [node, ask] : by_node) {
    ask.id = ++last_id_;
    asks_.emplace(ask.id, ask);
    actions->asks.push_back(std::move(ask));
  }
  next_ask_ = now + options_.poll;
}

Dropper::Actions Dropper::OnTimer(MonotonicTime now) {
  Actions actions;
  Drop(now, &actions);
  AskAll(now, &actions);
  return actions;
}

MonotonicTime Dropper::wake_at() const {
  MonotonicTime wake = MonotonicTime::Infinite();
  for (const auto& [partition, work] : tasks_) {
    const bool is_free = work.IsFree() || options_.drops_unasked;
    if (is_free && !is_dropping_) wake = std::min(wake, next_drop_);
    if (!is_free && asks_.empty()) wake = std::min(wake, next_ask_);
  }
  return wake;
}

}  // namespace quorumcache::replica
