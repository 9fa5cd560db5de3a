// SPDX-License-Identifier: Apache-2.0
// Lone keys: every client works on keys of its own, with plain and conditional operations. Nobody
// else is in its way, so whatever fails here fails because of what is done to the cluster.
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOpKind;

constexpr int kStepsOfAKey = 100;

class LoneKeys final : public Workload {
 public:
  // A key for each client in turn.
  LoneKeys() : Workload("lone", /*operations_max=*/1, /*unknown_max=*/1) {}
  bool IsContended() const override { return false; }

  void Step(Client& client, Recorder& recorder) override {
    const Own own = OwnKey(client);
    const Done seen = Perform(client, recorder, {.kind = ClientOpKind::kGet, .key = own.key});
    if (!seen.ok()) return;
    Ask ask{.kind = ClientOpKind::kIncrement, .key = own.key, .delta = 1};
    if (!own.counts) {
      ask = {.kind = client.random().OneIn(5) ? ClientOpKind::kDelete : ClientOpKind::kSet,
             .key = own.key};
      if (ask.kind == ClientOpKind::kSet) ask.value = absl::StrCat(client.NewNumber());
      if (client.random().OneIn(2)) AddCondition(seen, &ask);
    }
    Perform(client, recorder, ask, seen.op.value_read);
  }

 private:
  struct Own {
    std::string key;
    // Only increments; otherwise everything else.
    bool counts = false;
    int steps = 0;
  };

  static void AddCondition(const Done& seen, Ask* ask) {
    if (seen.op.found) {
      ask->condition = ClientCondition::kIfVersion;
      ask->if_etag = seen.etag;
    } else if (ask->kind == ClientOpKind::kSet) {
      ask->condition = ClientCondition::kIfAbsent;
    }
  }

  Own OwnKey(const Client& client) {
    base::MutexLock lock(mutex_);
    Own& own = own_[&client];
    if (own.steps++ % kStepsOfAKey == 0) {
      own.key = keys().Take();
      own.counts = !own.counts;
    }
    return own;
  }

  base::Mutex mutex_;
  std::map<const Client*, Own> own_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Workload> MakeLoneKeys() {
  return std::make_unique<LoneKeys>();
}

}  // namespace quorumcache::histories
