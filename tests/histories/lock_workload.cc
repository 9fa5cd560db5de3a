// SPDX-License-Identifier: Apache-2.0
// Locks: if_absent with a time to live; the etag is the fencing token, and releases.
#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/model/etag.h"
#include "tests/histories/lock_hold.h"
#include "tests/histories/workload.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;
using history::History;

// The model knows expiry for the first 64 operations of a key only (register_model.h).
constexpr int kOperationsMax = 60;
constexpr int kUnknownMax = 8;
constexpr int64_t kTtlMs = 250;
constexpr int64_t kMsNs = 1'000'000;
// All processes read one clock, in whole milliseconds, and a hybrid clock may be one ahead.
constexpr int64_t kClockErrorNs = 5 * kMsNs;

class Locks final : public Workload {
 public:
  Locks() : Workload("lock", kOperationsMax, kUnknownMax) {}

  void Step(Client& client, Recorder& recorder) override {
    const std::string key = keys().Take();
    Ask ask{.kind = ClientOpKind::kSet, .condition = ClientCondition::kIfAbsent, .key = key};
    ask.value = absl::StrCat(client.NewNumber());
    ask.ttl = absl::Milliseconds(kTtlMs);
    const Done acquired = Perform(client, recorder, ask);
    if (!acquired.ok()) {
      if (keys().TakeAgain(key)) {
        Perform(client, recorder, {.kind = ClientOpKind::kGet, .key = key});
      }
      return;
    }
    LockHold hold{.invoked_ns = acquired.op.invoked_ns,
                  .returned_ns = acquired.op.returned_ns,
                  .until_ns = acquired.op.invoked_ns + kTtlMs * kMsNs - kClockErrorNs,
                  .token = acquired.op.version};
    // Some holders are slow or die: their lock expires.
    const auto work_ms = static_cast<int>(client.random().Uniform(40));
    if (!client.random().OneIn(3) && keys().TakeAgain(key)) {
      poll(nullptr, 0, work_ms);
      hold.until_ns = std::min(hold.until_ns, MonotonicNs());
      Perform(client, recorder,
              {.kind = ClientOpKind::kDelete,
               .condition = ClientCondition::kIfVersion,
               .key = key,
               .if_etag = acquired.etag},
              acquired.op.value);
    }
    base::MutexLock lock(mutex_);
    holds_[key].push_back(hold);
  }

  std::string Check(const History& of_key, const Done&) const override {
    if (of_key.empty()) return "";
    base::MutexLock lock(mutex_);
    const auto holds = holds_.find(of_key.front().key);
    return holds == holds_.end() ? "" : CheckLockHolds(holds->second);
  }

  // Expiry is judged by the clock that an operation began with, so what began before the end of the
  // time may still see the lock when it returns.
  void AddToHistory(History* history) const override {
    const size_t client_operations = history->size();
    for (size_t i = 0; i < client_operations; ++i) {
      const ClientOp set = (*history)[i];
      if (!set.has_ttl || set.outcome == ClientOutcome::kNotApplied ||
          set.outcome == ClientOutcome::kConditionFailed) {
        continue;
      }
      ClientOp expiry;
      expiry.key = set.key;
      expiry.kind = ClientOpKind::kExpire;
      expiry.expires = static_cast<int32_t>(i);
      expiry.invoked_ns = set.invoked_ns + kTtlMs * kMsNs - kClockErrorNs;
      // Without an answer nobody knows when it began to live, if it ever did.
      if (set.outcome == ClientOutcome::kOk) {
        expiry.outcome = ClientOutcome::kOk;
        expiry.returned_ns = LatestEnd(*history, client_operations, set);
      }
      history->push_back(std::move(expiry));
    }
  }

 private:
  static int64_t LatestEnd(const History& history, size_t client_operations, const ClientOp& set) {
    const int64_t due_ns = set.returned_ns + kTtlMs * kMsNs + kClockErrorNs;
    int64_t latest_ns = due_ns;
    for (size_t i = 0; i < client_operations; ++i) {
      const ClientOp& other = history[i];
      const bool overlaps = other.key == set.key && other.invoked_ns <= due_ns &&
                            other.returned_ns != history::kNever;
      if (overlaps) latest_ns = std::max(latest_ns, other.returned_ns);
    }
    return latest_ns;
  }

  mutable base::Mutex mutex_;
  std::map<std::string, std::vector<LockHold>> holds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Workload> MakeLocks() {
  return std::make_unique<Locks>();
}

}  // namespace quorumcache::histories
