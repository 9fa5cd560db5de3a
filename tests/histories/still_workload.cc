// SPDX-License-Identifier: Apache-2.0
// Still keys: written before anything happens, then only read. So every miss is a false one, and
// the partitions have something to copy.
#include "absl/strings/str_cat.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

constexpr int kKeys = 400;
constexpr size_t kValueBytes = 8 << 10;
// Nothing is broken yet, so one try is enough; but machines are slow.
constexpr int kTriesMax = 10;

class StillKeys final : public Workload {
 public:
  StillKeys() : Workload("still", /*operations_max=*/1, /*unknown_max=*/kKeys) {}

  bool IsContended() const override { return false; }

  void Prepare(Client& client, Recorder& recorder) override {
    for (int i = 0; i < kKeys; ++i) {
      const std::string key = keys().Take();
      std::string value = absl::StrCat(client.NewNumber(), " ");
      value.resize(kValueBytes, 'x');
      for (int tries = 0; tries < kTriesMax; ++tries) {
        const Ask ask{.kind = history::ClientOpKind::kSet, .key = key, .value = value};
        if (Perform(client, recorder, ask).ok()) break;
      }
    }
  }

  void Step(Client& client, Recorder& recorder) override {
    const std::string key = absl::StrCat(name(), "-", client.random().Uniform(kKeys));
    Perform(client, recorder, {.kind = history::ClientOpKind::kGet, .key = key});
  }

  // The checkers of the history say so, too, but not in these words.
  std::string Check(const history::History& of_key, const Done&) const override {
    for (const history::ClientOp& op : of_key) {
      const bool is_answer = op.outcome == history::ClientOutcome::kOk;
      if (op.kind == history::ClientOpKind::kGet && is_answer && !op.found) return "a false miss";
    }
    return "";
  }
};

}  // namespace

std::unique_ptr<Workload> MakeStillKeys() {
  return std::make_unique<StillKeys>();
}

}  // namespace quorumcache::histories
