// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/node_status.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace quorumcache::node_service {

NodeStatus::NodeStatus(std::function<void(bool ready)> on_change)
    : on_change_(std::move(on_change)) {}

template <typename Change>
void NodeStatus::Update(Change change) {
  bool before, after;
  {
    base::MutexLock lock(mutex_);
    before = IsReadyLocked();
    change();
    after = IsReadyLocked();
  }
  if (before != after) on_change_(after);
}

void NodeStatus::SetTopology(const absl::Status& status) {
  Update([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { topology_ = status; });
}

void NodeStatus::SetStore(const absl::Status& status) {
  Update([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { store_ = status; });
}

void NodeStatus::SetDisk(const absl::Status& status, bool is_fenced) {
  Update([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    disk_ = status;
    is_fenced_ = is_fenced;
  });
}

void NodeStatus::SetStopping() {
  Update([&]() ABSL_NO_THREAD_SAFETY_ANALYSIS { is_stopping_ = true; });
}

bool NodeStatus::IsReadyLocked() const {
  return topology_.ok() && !is_fenced_ && !is_stopping_;
}

bool NodeStatus::IsReady() const {
  base::MutexLock lock(mutex_);
  return IsReadyLocked();
}

bool NodeStatus::IsReadOnly() const {
  base::MutexLock lock(mutex_);
  return !disk_.ok();
}

std::vector<std::string> NodeStatus::Describe() const {
  base::MutexLock lock(mutex_);
  std::vector<std::string> lines;
  if (is_stopping_) lines.push_back("stopping");
  if (!topology_.ok()) lines.push_back(absl::StrCat("topology: ", topology_.message()));
  if (!disk_.ok()) {
    lines.push_back(
        absl::StrCat(is_fenced_ ? "fenced after a disk error: " : "read-only: ", disk_.message()));
  }
  if (lines.empty()) lines.push_back("ok");
  if (!store_.ok()) {
    lines.push_back(absl::StrCat("topology store: going on with the last map: ", store_.message()));
  }
  return lines;
}

}  // namespace quorumcache::node_service
