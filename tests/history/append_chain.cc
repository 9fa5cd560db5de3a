// SPDX-License-Identifier: Apache-2.0
#include "tests/history/append_chain.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace quorumcache::history {
namespace {

// nullopt: nothing is there.
using Value = std::optional<int64_t>;

bool IsToldChange(const ClientOp& op) {
  return op.kind == ClientOpKind::kSet && op.outcome == ClientOutcome::kOk && op.previous_known;
}

Value Replaced(const ClientOp& op) {
  return op.has_previous ? Value(op.value_read) : std::nullopt;
}

// A value, who wrote it and who read it.
struct Link {
  const ClientOp* change = nullptr;  // null: the beginning
  std::vector<const ClientOp*> reads;
  Value next;
  bool has_next = false;
  bool has_told_previous = false;
  bool is_seen = false;  // by a read or by a change that replaced it, or it was acknowledged
};

// Values that follow each other, and the bounds of the operations on them.
struct Segment {
  std::vector<Value> values;
  int64_t latest_invoked_ns = std::numeric_limits<int64_t>::min();
  int64_t earliest_returned_ns = kNever;
};

class Chain {
 public:
  explicit Chain(const History& history) : history_(history) {}

  std::optional<std::string> Check() {
    TakeChanges();
    TakeReads();
    if (violation_.empty()) MakeSegments();
    if (violation_.empty()) Arrange();
    return violation_.empty() ? std::nullopt : std::optional(violation_);
  }

 private:
  void TakeChanges() {
    links_[std::nullopt].has_told_previous = links_[std::nullopt].is_seen = true;
    for (const ClientOp& op : history_) {
      const bool may_have_happened =
          op.outcome == ClientOutcome::kOk || op.outcome == ClientOutcome::kUnknown;
      if (op.kind == ClientOpKind::kSet && may_have_happened) links_[op.value].change = &op;
    }
    for (const ClientOp& op : history_) {
      if (op.kind != ClientOpKind::kSet || op.outcome != ClientOutcome::kOk) continue;
      links_[op.value].is_seen = true;
      if (!IsToldChange(op)) continue;
      links_[op.value].has_told_previous = true;
      Link* previous = Find(Replaced(op), op);
      if (previous == nullptr) continue;
      if (previous->has_next) Refuse("two changes replaced the same", op);
      previous->has_next = previous->is_seen = true;
      previous->next = op.value;
    }
  }

  void TakeReads() {
    for (const ClientOp& op : history_) {
      if (op.kind != ClientOpKind::kGet || op.outcome != ClientOutcome::kOk) continue;
      Link* link = Find(op.found ? Value(op.value_read) : std::nullopt, op);
      if (link == nullptr) continue;
      link->is_seen = true;
      link->reads.push_back(&op);
    }
  }

  Link* Find(const Value& value, const ClientOp& who) {
    const auto it = links_.find(value);
    if (it != links_.end()) return &it->second;
    Refuse("a value that nobody wrote", who);
    return nullptr;
  }

  // What is not told its place begins a segment of its own.
  void MakeSegments() {
    size_t placed = 0;
    for (const auto& [value, link] : links_) {
      const bool begins = !value || !link.has_told_previous;
      if (!begins || !link.is_seen) {
        placed += !link.is_seen;
        continue;
      }
      segments_.push_back(SegmentFrom(value));
      placed += segments_.back().values.size();
    }
    // A circle has no beginning.
    if (placed != links_.size() && violation_.empty()) violation_ = "changes replaced in a circle";
  }

  Segment SegmentFrom(const Value& first) const {
    Segment segment;
    Value value = first;
    while (true) {
      const Link& link = links_.at(value);
      segment.values.push_back(value);
      if (link.change != nullptr) Widen(*link.change, &segment);
      for (const ClientOp* read : link.reads) Widen(*read, &segment);
      if (!link.has_next || segment.values.size() > links_.size()) return segment;
      value = link.next;
    }
  }

  static void Widen(const ClientOp& op, Segment* segment) {
    segment->latest_invoked_ns = std::max(segment->latest_invoked_ns, op.invoked_ns);
    segment->earliest_returned_ns = std::min(segment->earliest_returned_ns, op.returned_ns);
  }

  // The beginning first; then always one that nothing of the rest must come before. Such choices
  // never have to be taken back: "must come before" between two segments is decided by their
  // bounds, and has no circles but those of two.
  void Arrange() {
    std::vector<Segment> rest = std::move(segments_);
    size_t next = 0;  // the map puts the beginning first
    while (!rest.empty()) {
      Walk(rest[next]);
      rest.erase(rest.begin() + static_cast<int64_t>(next));
      next = 0;
      while (next < rest.size() && !MayBeNext(rest, next)) ++next;
      if (next == rest.size() && !rest.empty()) {
        next = 0;
        if (violation_.empty()) violation_ = "no order of the changes is true to real time";
      }
    }
  }

  static bool MayBeNext(const std::vector<Segment>& rest, size_t candidate) {
    for (size_t i = 0; i < rest.size(); ++i) {
      if (i == candidate) continue;
      if (rest[i].earliest_returned_ns < rest[candidate].latest_invoked_ns) return false;
    }
    return true;
  }

  // Nothing may have returned before something was asked for that comes earlier in the chain.
  void Walk(const Segment& segment) {
    for (const Value& value : segment.values) {
      const Link& link = links_.at(value);
      if (link.change != nullptr) {
        Place(*link.change);
        Pass(*link.change);
      }
      for (const ClientOp* read : link.reads) Place(*read);
      for (const ClientOp* read : link.reads) Pass(*read);
    }
  }

  void Place(const ClientOp& op) {
    if (last_ == nullptr || op.returned_ns >= last_->invoked_ns) return;
    Refuse(absl::StrCat("goes back behind ", Describe(*last_)), op);
  }

  void Pass(const ClientOp& op) {
    if (last_ == nullptr || op.invoked_ns > last_->invoked_ns) last_ = &op;
  }

  void Refuse(const std::string& why, const ClientOp& op) {
    if (violation_.empty()) violation_ = absl::StrCat(why, ": ", Describe(op));
  }

  const History& history_;
  std::map<Value, Link> links_;
  std::vector<Segment> segments_;
  const ClientOp* last_ = nullptr;  // asked for last, of all that is placed
  std::string violation_;
};

}  // namespace

void AppendChain::Add(const ClientOp& op) {
  if (!IsToldChange(op)) return;
  const auto [known, is_new] = successor_.emplace(Replaced(op), op);
  if (is_new || !violation_.empty()) return;
  violation_ =
      absl::StrCat("two changes replaced the same: ", Describe(known->second), "; ", Describe(op));
}

bool IsAppendRegister(const History& history) {
  bool has_change = false;
  for (const ClientOp& op : history) {
    const bool appends = op.kind == ClientOpKind::kSet && op.return_previous && !op.has_ttl;
    if (!appends && op.kind != ClientOpKind::kGet) return false;
    has_change = has_change || appends;
  }
  return has_change;
}

std::optional<std::string> CheckAppendChain(const History& history) {
  return Chain(history).Check();
}

}  // namespace quorumcache::history
