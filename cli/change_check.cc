// SPDX-License-Identifier: Apache-2.0
#include "cli/change_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/output.h"

namespace quorumcache::cli {
namespace {

class Check {
 public:
  explicit Check(const v1::GetClusterMapResponse& map) : map_(map) {}

  std::string Removed(absl::string_view id) const {
    return Find(id) == nullptr ? "" : absl::StrCat(id, " is still in the map");
  }
  std::string Drained(absl::string_view id) const {
    const v1::Node* node = Find(id);
    if (node == nullptr || node->partition_count() == 0) return "";
    return absl::StrCat(id, " still holds ", node->partition_count(), " partitions");
  }
  // An abort leaves an added node in the map, with weight 0.
  std::string Added(absl::string_view address) const {
    const auto it = std::find_if(map_.nodes().begin(), map_.nodes().end(),
                                 [&](const v1::Node& node) { return node.address() == address; });
    if (it == map_.nodes().end()) return absl::StrCat("no node has the address ", address);
    return it->weight() == 0 ? absl::StrCat(it->id(), " has weight 0") : "";
  }
  std::string Replaced(const v1::ReplaceNode& one) const {
    // The node itself, on a new disk: that cannot be aborted.
    if (one.with().address().empty()) return "";
    const std::string added = Added(one.with().address());
    return added.empty() ? Removed(one.dead_id()) : added;
  }
  std::string Weighted(const v1::SetWeight& one) const {
    const v1::Node* node = Find(one.node_id());
    if (node == nullptr || node->weight() == one.weight()) return "";
    return absl::StrCat(node->id(), " has weight ", node->weight());
  }

 private:
  const v1::Node* Find(absl::string_view id) const {
    const auto it = std::find_if(map_.nodes().begin(), map_.nodes().end(),
                                 [&](const v1::Node& node) { return node.id() == id; });
    return it == map_.nodes().end() ? nullptr : &*it;
  }

  const v1::GetClusterMapResponse& map_;
};

}  // namespace

std::string WhatIsNotDone(const v1::Change& change, const v1::GetClusterMapResponse& map) {
  const Check check(map);
  std::string found;
  const auto note = [&](const std::string& one) {
    if (!one.empty()) absl::StrAppend(&found, found.empty() ? "" : ", ", one);
  };
  for (const v1::AddNode& one : change.add()) note(check.Added(one.address()));
  for (const v1::ReplaceNode& one : change.replace()) note(check.Replaced(one));
  for (const std::string& id : change.remove()) note(check.Removed(id));
  for (const std::string& id : change.drain()) note(check.Drained(id));
  for (const v1::SetWeight& one : change.set_weight()) note(check.Weighted(one));
  return found;
}

void WaitedChanges::Note(const v1::Rebalance& rebalance) {
  if (rebalance.change_epoch() != 0) {
    under_way_[rebalance.change_epoch()] = rebalance.description();
  }
  const v1::EndedChange& ended = rebalance.last_ended();
  if (under_way_.erase(ended.change_epoch()) == 0 || !ended.was_aborted()) return;
  absl::StrAppend(&aborted_, aborted_.empty() ? "" : ", ", Printable(ended.description()));
}

absl::Status WaitedChanges::AbortedOnly() const {
  if (aborted_.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("\"", aborted_,
                   "\" was aborted, and is not done: what had been copied stays where it is, the "
                   "rest is where it was. Look at `qcctl node list` before you stop a node, and "
                   "plan again"));
}

absl::Status WaitedChanges::Verdict() const {
  if (!aborted_.empty() || under_way_.empty()) return AbortedOnly();
  return absl::FailedPreconditionError(
      absl::StrCat("\"", Printable(under_way_.begin()->second),
                   "\" has ended, and the coordinator that was asked does not know whether it was "
                   "done: look at `qcctl node list` before you stop a node"));
}

}  // namespace quorumcache::cli
