// SPDX-License-Identifier: Apache-2.0
#include "tests/history/durability.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quorumcache::history {
namespace {

bool Happened(const ClientOp& op) {
  return op.outcome == ClientOutcome::kOk;
}

bool MayHaveHappened(const ClientOp& op) {
  return Happened(op) || op.outcome == ClientOutcome::kUnknown;
}

// Ends with another value than it found, or none.
bool ChangesValue(const ClientOp& op) {
  return op.kind == ClientOpKind::kSet || op.kind == ClientOpKind::kDelete ||
         op.kind == ClientOpKind::kIncrement;
}

// A function of time that only grows: the largest, or the sum, of all values at or before it.
class Steps {
 public:
  void Add(int64_t time_ns, int64_t value) { steps_.emplace_back(time_ns, value); }
  template <typename Combine>
  void Close(Combine combine) {
    std::sort(steps_.begin(), steps_.end());
    for (size_t i = 1; i < steps_.size(); ++i) {
      steps_[i].second = combine(steps_[i - 1].second, steps_[i].second);
    }
  }
  // Of all at or before `time_ns`; `none` where there are none.
  int64_t Until(int64_t time_ns, int64_t none) const {
    const auto it = std::upper_bound(steps_.begin(), steps_.end(), std::pair(time_ns, kNever));
    return it == steps_.begin() ? none : std::prev(it)->second;
  }

 private:
  std::vector<std::pair<int64_t, int64_t>> steps_;
};

constexpr int64_t kBeforeAll = std::numeric_limits<int64_t>::min();

int64_t Larger(int64_t a, int64_t b) {
  return std::max(a, b);
}

class Writes {
 public:
  explicit Writes(const History& history) {
    for (const ClientOp& op : history) {
      if (ChangesValue(op) && Happened(op)) acknowledged_.Add(op.returned_ns, op.invoked_ns);
      if (op.kind == ClientOpKind::kDelete && MayHaveHappened(op)) {
        removed_.Add(op.invoked_ns, op.returned_ns);
      }
      if (op.kind == ClientOpKind::kExpire) AddExpiry(op, history[static_cast<size_t>(op.expires)]);
      if (op.kind == ClientOpKind::kSet && MayHaveHappened(op)) sets_.emplace(op.value, &op);
    }
    acknowledged_.Close(Larger);
    removed_.Close(Larger);
  }

  bool IsLostTo(const ClientOp& read) const {
    // When the last began of those that were acknowledged before the read began.
    const int64_t last_ns = acknowledged_.Until(read.invoked_ns - 1, kBeforeAll);
    if (last_ns == kBeforeAll) return false;
    if (!read.found) return removed_.Until(read.returned_ns, kBeforeAll) < last_ns;
    const auto set = sets_.find(read.value_read);
    return set != sets_.end() && set->second->returned_ns < last_ns;
  }

 private:
  void AddExpiry(const ClientOp& expiry, const ClientOp& change) {
    removed_.Add(expiry.invoked_ns, expiry.returned_ns);
    // What is written when its time is over is dead on arrival, and so is what it replaces.
    removed_.Add(std::max(expiry.invoked_ns, change.invoked_ns), change.returned_ns);
  }

  Steps acknowledged_;
  Steps removed_;
  std::map<int64_t, const ClientOp*> sets_;
};

bool IsCounter(const History& history) {
  return std::all_of(history.begin(), history.end(), [](const ClientOp& op) {
    const bool counts = op.kind == ClientOpKind::kIncrement && op.value >= 0 && !op.has_ttl;
    return counts || op.kind == ClientOpKind::kGet;
  });
}

std::optional<std::string> CheckCounter(const History& history) {
  Steps done;
  Steps begun;
  for (const ClientOp& op : history) {
    if (op.kind != ClientOpKind::kIncrement) continue;
    if (Happened(op)) done.Add(op.returned_ns, op.value);
    if (MayHaveHappened(op)) begun.Add(op.invoked_ns, op.value);
  }
  done.Close(std::plus<>());
  begun.Close(std::plus<>());
  for (const ClientOp& op : history) {
    if (!Happened(op)) continue;
    const int64_t own = op.kind == ClientOpKind::kIncrement ? op.value : 0;
    const int64_t low = done.Until(op.invoked_ns - 1, 0) + own;
    const int64_t high = begun.Until(op.returned_ns, 0);
    if (op.value_read < low) return absl::StrCat("increment lost: ", Describe(op), " < ", low);
    if (op.value_read > high) return absl::StrCat("counted twice: ", Describe(op), " > ", high);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> CheckDurability(const History& history) {
  if (IsCounter(history)) {
    if (auto why = CheckCounter(history)) return why;
  }
  const Writes writes(history);
  for (const ClientOp& read : history) {
    if (read.kind != ClientOpKind::kGet || !Happened(read)) continue;
    if (writes.IsLostTo(read)) return absl::StrCat("acknowledged write lost: ", Describe(read));
  }
  return std::nullopt;
}

}  // namespace quorumcache::history
