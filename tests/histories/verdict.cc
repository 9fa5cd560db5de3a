// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/verdict.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/history/check_history.h"
#include "tests/history/durability.h"

namespace quorumcache::histories {
namespace {

class Judge {
 public:
  Judge(const FinalReads& last, RunReport* report) : last_(last), report_(*report) {}

  void CheckKey(const Workload& workload, const std::string& key, const history::History& of_key) {
    const Done& last = last_.at(key);
    if (!last.ok()) return Blame(key, "cannot be read after all has healed", of_key);
    const history::HistoryReport checked = history::CheckHistory(of_key);
    if (checked.undecided_keys > 0) report_.undecided.push_back(key);
    if (!checked.ok()) Blame(key, checked.violation, of_key);
    const std::string promise = workload.Check(of_key, last);
    if (!promise.empty()) Blame(key, promise, of_key);
    CountLosses(of_key, promise);
  }

 private:
  void Blame(const std::string& key, const std::string& why, const history::History& of_key) {
    report_.violations.push_back(absl::StrCat(key, ": ", why));
    if (report_.evidence.empty()) report_.evidence = of_key;
  }

  // Whatever else is wrong with the key, and whichever checker saw it first.
  void CountLosses(const history::History& of_key, const std::string& promise) {
    const std::string why = history::CheckDurability(of_key).value_or(promise);
    const bool doubled =
        absl::StrContains(why, "counted twice") || absl::StrContains(why, "doubled");
    report_.doubled += doubled;
    report_.lost += !doubled && absl::StrContains(why, "lost");
  }

  const FinalReads& last_;
  RunReport& report_;
};

void AppendKey(const history::History& of_key, history::History* whole) {
  const auto offset = static_cast<int32_t>(whole->size());
  for (history::ClientOp op : of_key) {
    if (op.expires >= 0) op.expires += offset;
    whole->push_back(std::move(op));
  }
}

}  // namespace

void CheckRun(const std::vector<std::unique_ptr<Workload>>& workloads, const FinalReads& last,
              RunReport* report) {
  Judge judge(last, report);
  history::History whole;
  std::map<std::string, history::History> by_key = history::ByKey(report->history);
  for (const auto& workload : workloads) {
    for (const std::string& key : workload->Keys()) {
      ++report->keys;
      history::History& of_key = by_key[key];
      workload->AddToHistory(&of_key);
      judge.CheckKey(*workload, key, of_key);
      AppendKey(of_key, &whole);
    }
  }
  report->history = std::move(whole);
}

}  // namespace quorumcache::histories
