// SPDX-License-Identifier: Apache-2.0
// Registers, compare-and-sets and append-registers: single values under many writers.
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/model/etag.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;
using history::History;

constexpr int kOperationsMax = 400;
// Any of these may have taken effect at any time, so the search for an order doubles with each.
constexpr int kUnknownMax = 6;

Ask Read(std::string key) {
  return {.kind = ClientOpKind::kGet, .key = std::move(key)};
}

Ask Write(std::string key, Client& client) {
  return {
      .kind = ClientOpKind::kSet, .key = std::move(key), .value = absl::StrCat(client.NewNumber())};
}

class Registers final : public Workload {
 public:
  Registers() : Workload("register", kOperationsMax, kUnknownMax) {}

  void Step(Client& client, Recorder& recorder) override {
    const uint64_t dice = client.random().Uniform(10);
    Ask ask = dice < 5 ? Read(keys().Take()) : Write(keys().Take(), client);
    if (dice == 9) ask = {.kind = ClientOpKind::kDelete, .key = ask.key};
    Perform(client, recorder, std::move(ask));
  }
};

class CompareAndSets final : public Workload {
 public:
  CompareAndSets() : Workload("cas", kOperationsMax, kUnknownMax) {}

  void Step(Client& client, Recorder& recorder) override {
    const std::string key = keys().Take();
    const Done seen = Perform(client, recorder, Read(key));
    if (!seen.ok()) return;
    Ask ask = Write(key, client);
    const uint64_t dice = client.random().Uniform(8);
    if (dice == 0) {
      ask.condition = ClientCondition::kIfPresent;
    } else if (dice == 1 || !seen.op.found) {
      ask.condition = ClientCondition::kIfAbsent;
    } else {
      ask.condition = ClientCondition::kIfVersion;
      ask.if_etag = seen.etag;
    }
    const bool deletes = dice == 2 && ask.condition == ClientCondition::kIfVersion;
    if (deletes) {
      ask.kind = ClientOpKind::kDelete;
      ask.value.clear();
    }
    Perform(client, recorder, std::move(ask), seen.op.value_read);
  }
};

class AppendRegisters final : public Workload {
 public:
  AppendRegisters() : Workload("append", kOperationsMax, kUnknownMax) {}

  void Step(Client& client, Recorder& recorder) override {
    if (!client.returns_previous() || client.random().OneIn(4)) {
      Perform(client, recorder, Read(keys().Take()));
      return;
    }
    Ask ask = Write(keys().Take(), client);
    ask.return_previous = true;
    Perform(client, recorder, std::move(ask));
  }

  // An exact check of its own: what was replaced was written once and replaced once.
  std::string Check(const History& of_key, const Done&) const override {
    std::set<int64_t> replaced;
    for (const ClientOp& op : of_key) {
      if (op.outcome != ClientOutcome::kOk || !op.previous_known) continue;
      const int64_t previous = op.has_previous ? op.value_read : 0;
      if (!replaced.insert(previous).second) {
        return absl::StrCat("the value ", previous, " was replaced twice: ", Describe(op));
      }
    }
    return "";
  }
};

}  // namespace

std::unique_ptr<Workload> MakeRegisters() {
  return std::make_unique<Registers>();
}

std::unique_ptr<Workload> MakeCompareAndSets() {
  return std::make_unique<CompareAndSets>();
}

std::unique_ptr<Workload> MakeAppendRegisters() {
  return std::make_unique<AppendRegisters>();
}

}  // namespace quorumcache::histories
