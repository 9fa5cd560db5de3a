// SPDX-License-Identifier: Apache-2.0
#include "tests/history/no_resurrection.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quorumcache::history {
namespace {

// Whether `op` certainly ends a value set by another operation.
bool Ends(const ClientOp& op) {
  return op.outcome == ClientOutcome::kOk &&
         (op.kind == ClientOpKind::kSet || op.kind == ClientOpKind::kDelete);
}

// The operations that end values, by time of invocation; for each the one that returned first of it
// and all that follow.
class Endings {
 public:
  explicit Endings(const History& history) {
    for (const ClientOp& op : history) {
      if (Ends(op)) ends_.push_back(&op);
    }
    std::stable_sort(ends_.begin(), ends_.end(),
                     [](auto* a, auto* b) { return a->invoked_ns < b->invoked_ns; });
    first_back_ = ends_;
    for (size_t i = ends_.size(); i-- > 1;) {
      const ClientOp*& earlier = first_back_[i - 1];
      if (first_back_[i]->returned_ns < earlier->returned_ns) earlier = first_back_[i];
    }
  }

  // Of those that began after `time_ns`, the first that returned; nullptr: none began.
  const ClientOp* FirstAfter(int64_t time_ns) const {
    const auto it = std::upper_bound(ends_.begin(), ends_.end(), time_ns,
                                     [](int64_t time, auto* op) { return time < op->invoked_ns; });
    return it == ends_.end() ? nullptr : first_back_[static_cast<size_t>(it - ends_.begin())];
  }

 private:
  std::vector<const ClientOp*> ends_;
  std::vector<const ClientOp*> first_back_;
};

}  // namespace

std::optional<std::string> CheckNoResurrection(const History& history) {
  const Endings endings(history);
  std::map<int64_t, const ClientOp*> set_of_value;
  for (const ClientOp& op : history) {
    if (op.kind == ClientOpKind::kSet && Ends(op)) set_of_value.emplace(op.value, &op);
  }
  for (const ClientOp& read : history) {
    const bool shows = read.kind == ClientOpKind::kGet && read.outcome == ClientOutcome::kOk;
    if (!shows || !read.found) continue;
    const auto set = set_of_value.find(read.value_read);
    if (set == set_of_value.end()) continue;
    const ClientOp* end = endings.FirstAfter(set->second->returned_ns);
    if (end == nullptr || end->returned_ns >= read.invoked_ns) continue;
    return absl::StrCat("read of a dead value: ", Describe(*set->second), "; ended by ",
                        Describe(*end), "; read by ", Describe(read));
  }
  return std::nullopt;
}

}  // namespace quorumcache::history
