// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/workload.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace quorumcache::histories {

std::string Workload::Check(const history::History&, const Done&) const {
  return "";
}

void Workload::Prepare(Client&, Recorder&) {}

void Workload::AddToHistory(history::History*) const {}

Done Workload::Perform(Client& client, Recorder& recorder, Ask ask, int64_t if_value) {
  Done done = client.Perform(std::move(ask));
  done.op.if_value = if_value;
  recorder.Add(done.op);
  const bool unknown = done.op.outcome == history::ClientOutcome::kUnknown;
  if (unknown) keys_.CountUnknown(done.op.key);
  ++counts_.operations;
  if (unknown || done.op.outcome == history::ClientOutcome::kNotApplied) {
    ++counts_.failed;
    counts_.cut_off += done.reason.empty() || done.reason == "UNREACHABLE";
    base::MutexLock lock(mutex_);
    failures_.push_back(
        absl::StrCat(history::Describe(done.op), ": ", done.reason, " ", done.message));
  }
  return done;
}

std::vector<std::unique_ptr<Workload>> AllWorkloads() {
  std::vector<std::unique_ptr<Workload>> all;
  all.push_back(MakeRegisters());
  all.push_back(MakeCompareAndSets());
  all.push_back(MakeCounters());
  all.push_back(MakeSets());
  all.push_back(MakeLocks());
  all.push_back(MakeAppendRegisters());
  return all;
}

}  // namespace quorumcache::histories
