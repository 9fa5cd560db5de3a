// SPDX-License-Identifier: Apache-2.0
#include "tests/history/check_history.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/history/append_chain.h"
#include "tests/history/durability.h"
#include "tests/history/linearizability.h"
#include "tests/history/monotonic_reads.h"
#include "tests/history/no_resurrection.h"
#include "tests/history/version_order.h"

namespace quorumcache::history {
namespace {

// The fast ones first: they say which operations contradict each other.
std::string FirstViolation(const History& of_key, bool* undecided) {
  if (const auto why = CheckVersionOrder(of_key)) return absl::StrCat("version order: ", *why);
  if (const auto why = CheckNoResurrection(of_key)) return absl::StrCat("no resurrection: ", *why);
  if (const auto why = CheckMonotonicReads(of_key)) return absl::StrCat("monotonic reads: ", *why);
  if (const auto why = CheckDurability(of_key)) return absl::StrCat("durability: ", *why);
  if (IsAppendRegister(of_key)) {
    if (const auto why = CheckAppendChain(of_key)) return absl::StrCat("append chain: ", *why);
  }
  const Linearizable verdict = CheckLinearizable(of_key);
  *undecided = verdict == Linearizable::kUndecided;
  return verdict == Linearizable::kNo ? "linearizability: no order explains it" : "";
}

}  // namespace

HistoryReport CheckHistory(const History& history) {
  HistoryReport report;
  report.operations = history.size();
  for (auto& [key, of_key] : ByKey(history)) {
    ++report.keys;
    bool undecided = false;
    std::string violation = FirstViolation(of_key, &undecided);
    report.undecided_keys += undecided;
    if (violation.empty() || !report.ok()) continue;
    report.violation = std::move(violation);
    report.evidence = of_key;
  }
  return report;
}

std::map<std::string, History> ByKey(const History& history) {
  std::map<std::string, History> by_key;
  std::vector<int32_t> place(history.size(), -1);
  for (size_t i = 0; i < history.size(); ++i) {
    History& of_key = by_key[history[i].key];
    place[i] = static_cast<int32_t>(of_key.size());
    of_key.push_back(history[i]);
  }
  for (auto& [key, of_key] : by_key) {
    for (ClientOp& op : of_key) {
      if (op.expires >= 0) op.expires = place[static_cast<size_t>(op.expires)];
    }
  }
  return by_key;
}

void NumberProcesses(History* history) {
  std::vector<size_t> order(history->size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return (*history)[a].invoked_ns < (*history)[b].invoked_ns;
  });
  // (free from, number)
  using Idle = std::pair<int64_t, int32_t>;
  std::priority_queue<Idle, std::vector<Idle>, std::greater<>> idle;
  int32_t count = 0;
  for (size_t i : order) {
    ClientOp& op = (*history)[i];
    if (!idle.empty() && idle.top().first < op.invoked_ns) {
      op.process = idle.top().second;
      idle.pop();
    } else {
      op.process = count++;
    }
    if (op.returned_ns != kNever) idle.emplace(op.returned_ns, op.process);
  }
}

}  // namespace quorumcache::history
