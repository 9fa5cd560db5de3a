// SPDX-License-Identifier: Apache-2.0
// FakeAdmin: a ClusterAdmin that answers at once, or when told to, and remembers what it was asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "coordinator/service/cluster_admin.h"

namespace quorumcache::service {

// Thread-safe.
class FakeAdmin final : public ClusterAdmin {
 public:
  void Plan(ClusterChange change, std::function<void(ChangePlan)> done) override {
    ChangePlan plan;
    {
      base::MutexLock lock(mutex_);
      changes_.push_back(std::move(change));
      plan = plan_;
    }
    done(std::move(plan));
  }
  void Commit(ClusterChange change, std::optional<uint64_t> epoch,
              std::function<void(ChangeResult)> done) override {
    ChangeResult result;
    {
      base::MutexLock lock(mutex_);
      changes_.push_back(std::move(change));
      epochs_.push_back(epoch);
      result = result_;
    }
    done(std::move(result));
  }
  void Abort(std::optional<uint64_t> epoch, std::function<void(ChangeResult)> done) override {
    Commit(ClusterChange(), epoch, std::move(done));
  }
  void GetRebalance(std::function<void(RebalanceView)> done) override { done(result().rebalance); }
  std::unique_ptr<ClusterWatch> Watch(std::function<void(const ClusterEvent&)> changed) override {
    base::MutexLock lock(mutex_);
    watchers_[++last_watch_] = std::move(changed);
    changed_.NotifyAll();
    return std::make_unique<Registration>(*this, last_watch_);
  }

  void SetPlan(ChangePlan plan) {
    base::MutexLock lock(mutex_);
    plan_ = std::move(plan);
  }
  void SetResult(ChangeResult result) {
    base::MutexLock lock(mutex_);
    result_ = std::move(result);
  }
  // Tells every watcher.
  void Tell(const ClusterEvent& event) {
    std::map<int, std::function<void(const ClusterEvent&)>> watchers;
    {
      base::MutexLock lock(mutex_);
      watchers = watchers_;
    }
    for (const auto& [id, changed] : watchers) changed(event);
  }
  void WaitForWatchers(size_t count) {
    base::MutexLock lock(mutex_);
    while (watchers_.size() != count) changed_.Wait(mutex_);
  }
  ClusterChange last_change() {
    base::MutexLock lock(mutex_);
    return changes_.back();
  }
  std::vector<std::optional<uint64_t>> epochs() {
    base::MutexLock lock(mutex_);
    return epochs_;
  }

 private:
  class Registration final : public ClusterWatch {
   public:
    Registration(FakeAdmin& admin, int id) : admin_(admin), id_(id) {}
    ~Registration() override {
      base::MutexLock lock(admin_.mutex_);
      admin_.watchers_.erase(id_);
      admin_.changed_.NotifyAll();
    }

   private:
    FakeAdmin& admin_;
    const int id_;
  };

  ChangeResult result() {
    base::MutexLock lock(mutex_);
    return result_;
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  ChangePlan plan_ ABSL_GUARDED_BY(mutex_);
  ChangeResult result_ ABSL_GUARDED_BY(mutex_);
  std::vector<ClusterChange> changes_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::optional<uint64_t>> epochs_ ABSL_GUARDED_BY(mutex_);
  std::map<int, std::function<void(const ClusterEvent&)>> watchers_ ABSL_GUARDED_BY(mutex_);
  int last_watch_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quorumcache::service
