// SPDX-License-Identifier: Apache-2.0
// Counters and sets: what is added must be there at the end, once.
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;
using history::History;

constexpr int kUnknownMax = 16;
constexpr int kIncrementsMax = 400;
// Each is in every later value of its key.
constexpr int kSetStepsMax = 200;

class Counters final : public Workload {
 public:
  Counters() : Workload("counter", kIncrementsMax, kUnknownMax) {}

  void Step(Client& client, Recorder& recorder) override {
    Ask ask{.kind = ClientOpKind::kIncrement, .key = keys().Take(), .delta = 1};
    if (client.random().OneIn(5)) ask = {.kind = ClientOpKind::kGet, .key = ask.key};
    Perform(client, recorder, std::move(ask));
  }

  std::string Check(const History& of_key, const Done& last) const override {
    int64_t acknowledged = 0;
    int64_t unknown = 0;
    for (const ClientOp& op : of_key) {
      if (op.kind != ClientOpKind::kIncrement) continue;
      acknowledged += op.outcome == ClientOutcome::kOk ? op.value : 0;
      unknown += op.outcome == ClientOutcome::kUnknown ? op.value : 0;
    }
    const int64_t count = last.op.value_read;
    if (count >= acknowledged && count <= acknowledged + unknown) return "";
    return absl::StrCat(count < acknowledged ? "increments lost: " : "increments doubled: ", count,
                        " with ", acknowledged, " acknowledged and ", unknown, " unknown");
  }
};

std::set<int64_t> ElementsOf(const std::string& value) {
  std::set<int64_t> elements;
  for (const absl::string_view word : absl::StrSplit(value, ' ', absl::SkipEmpty())) {
    int64_t element = 0;
    if (absl::SimpleAtoi(word, &element)) elements.insert(element);
  }
  return elements;
}

class Sets final : public Workload {
 public:
  Sets() : Workload("set", kSetStepsMax, kUnknownMax) {}

  // The value is the list of the numbers of all writes, the newest first.
  void Step(Client& client, Recorder& recorder) override {
    const std::string key = keys().Take();
    const Done seen = Perform(client, recorder, {.kind = ClientOpKind::kGet, .key = key});
    if (!seen.ok()) return;
    Ask ask{.kind = ClientOpKind::kSet, .condition = ClientCondition::kIfAbsent, .key = key};
    ask.value = absl::StrCat(client.NewNumber(), " ", seen.value);
    if (seen.op.found) {
      ask.condition = ClientCondition::kIfVersion;
      ask.if_etag = seen.etag;
    }
    Perform(client, recorder, std::move(ask), seen.op.value_read);
  }

  std::string Check(const History& of_key, const Done& last) const override {
    const std::set<int64_t> elements = ElementsOf(last.value);
    for (const ClientOp& op : of_key) {
      const bool added = op.kind == ClientOpKind::kSet && op.outcome == ClientOutcome::kOk;
      if (added && !elements.contains(op.value)) {
        return absl::StrCat("the element ", op.value, " is lost: ", Describe(op));
      }
    }
    return "";
  }
};

}  // namespace

std::unique_ptr<Workload> MakeCounters() {
  return std::make_unique<Counters>();
}

std::unique_ptr<Workload> MakeSets() {
  return std::make_unique<Sets>();
}

}  // namespace quorumcache::histories
