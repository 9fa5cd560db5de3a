// SPDX-License-Identifier: Apache-2.0
#include "tests/history/linearizability.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/history/register_model.h"

namespace quorumcache::history {
namespace {

constexpr size_t kWindow = 64;

// How far a search has come. All answered operations before `first` are placed, and those after it
// that are in `window` (bit i: first + i); `first` itself is not. Of the unanswered ones those in
// `unknown` are.
struct Position {
  uint32_t first = 0;
  uint64_t window = 0;
  uint64_t unknown = 0;
  RegisterState state;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// The Sets without an answer whose value nobody has told of. Leaving them out is always possible,
// and nearly always enough: it is tried first.
std::vector<bool> UnseenSets(const History& history) {
  std::set<int64_t> told;
  for (const ClientOp& op : history) {
    told.insert(op.value_read);
    told.insert(op.if_value);
  }
  std::vector<bool> unseen(history.size(), false);
  for (size_t i = 0; i < history.size(); ++i) {
    const ClientOp& op = history[i];
    unseen[i] = op.kind == ClientOpKind::kSet && op.outcome == ClientOutcome::kUnknown &&
                !told.contains(op.value);
  }
  return unseen;
}

class Search {
 public:
  Search(const History& history, const std::vector<bool>& left_out) : history_(history) {
    for (size_t i = 0; i < history.size(); ++i) {
      const ClientOutcome outcome = history[i].outcome;
      if (outcome == ClientOutcome::kNotApplied || left_out[i]) continue;
      const bool is_read = history[i].kind == ClientOpKind::kGet;
      if (outcome == ClientOutcome::kUnknown && is_read) continue;
      (outcome == ClientOutcome::kUnknown ? unknown_ : answered_)
          .push_back(static_cast<int32_t>(i));
    }
    const auto earlier = [&](int32_t a, int32_t b) {
      return std::pair(history[a].invoked_ns, a) < std::pair(history[b].invoked_ns, b);
    };
    std::sort(answered_.begin(), answered_.end(), earlier);
    std::sort(unknown_.begin(), unknown_.end(), earlier);
  }

  Linearizable Run(size_t states_max) {
    if (unknown_.size() > 64) return Linearizable::kUndecided;
    std::vector<Position> stack{Position{}};
    seen_.insert(Position{});
    while (!stack.empty()) {
      const Position position = stack.back();
      stack.pop_back();
      if (position.first == answered_.size()) return Linearizable::kYes;
      if (seen_.size() > states_max) return Linearizable::kUndecided;
      Expand(position, &stack);
    }
    return outside_window_ ? Linearizable::kUndecided : Linearizable::kNo;
  }

 private:
  // Pushes every position one operation further.
  void Expand(const Position& position, std::vector<Position>* stack) {
    // An operation can be next only if it was asked for before any that is not placed was answered.
    int64_t horizon = kNever;
    size_t end = position.first;
    for (; end < answered_.size() && end - position.first < kWindow; ++end) {
      const ClientOp& op = history_[answered_[end]];
      if (op.invoked_ns > horizon) break;
      if (!IsPlaced(position, end)) horizon = std::min(horizon, op.returned_ns);
    }
    if (end - position.first == kWindow && end < answered_.size() &&
        history_[answered_[end]].invoked_ns <= horizon) {
      outside_window_ = true;
    }
    for (size_t i = 0; i < unknown_.size(); ++i) {
      const bool placed = (position.unknown >> i) & 1;
      if (!placed && history_[unknown_[i]].invoked_ns <= horizon) PlaceUnknown(position, i, stack);
    }
    for (size_t i = end; i-- > position.first;) {
      if (IsPlaced(position, i) || history_[answered_[i]].invoked_ns > horizon) continue;
      PlaceAnswered(position, i, stack);
    }
  }

  static bool IsPlaced(const Position& position, size_t i) {
    return (position.window >> (i - position.first)) & 1;
  }

  void PlaceAnswered(const Position& position, size_t i, std::vector<Position>* stack) {
    const std::optional<RegisterState> state = Step(position.state, history_, answered_[i]);
    if (!state) return;
    Position next = position;
    next.state = *state;
    next.window |= uint64_t{1} << (i - position.first);
    while (next.window & 1) {
      next.window >>= 1;
      ++next.first;
    }
    Push(next, stack);
  }

  void PlaceUnknown(const Position& position, size_t i, std::vector<Position>* stack) {
    const std::optional<RegisterState> state = Step(position.state, history_, unknown_[i]);
    // Placing it where it changes nothing is the same as leaving it out.
    if (!state || *state == position.state) return;
    Position next = position;
    next.state = *state;
    next.unknown |= uint64_t{1} << i;
    Push(next, stack);
  }

  void Push(const Position& position, std::vector<Position>* stack) {
    if (seen_.insert(position).second) stack->push_back(position);
  }

  const History& history_;
  std::vector<int32_t> answered_;  // by time of invocation
  std::vector<int32_t> unknown_;
  std::set<Position> seen_;
  bool outside_window_ = false;
};

}  // namespace

Linearizable CheckLinearizable(const History& history, size_t states_max) {
  const std::vector<bool> unseen = UnseenSets(history);
  const Linearizable without = Search(history, unseen).Run(states_max);
  const bool same = std::find(unseen.begin(), unseen.end(), true) == unseen.end();
  if (without == Linearizable::kYes || same) return without;
  return Search(history, std::vector<bool>(history.size(), false)).Run(states_max);
}

}  // namespace quorumcache::history
