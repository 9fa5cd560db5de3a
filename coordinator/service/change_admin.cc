// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_admin.h"

#include <algorithm>
#include <utility>

#include "coordinator/service/errors.h"

namespace quorumcache::service {
namespace {

// Of what joiners are asked, and watchers told, while a change is under way.
constexpr absl::Duration kPollInterval = absl::Milliseconds(500);
// Others may change the map at the same time: a driver, a node that binds its directory.
constexpr int kCommitAttemptsMax = 10;

ChangePlan Failed(CacheError error) {
  ChangePlan plan;
  plan.error = std::move(error);
  return plan;
}

ChangeResult FailedResult(CacheError error) {
  ChangeResult result;
  result.error = std::move(error);
  return result;
}

// A store that fails in the middle of a change may have made it.
CacheError PublishError(const absl::Status& status) {
  CacheError error = ChangeErrorOf(status);
  error.outcome_unknown = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  return error;
}

}  // namespace

struct ChangeAdmin::Watchers {
  base::Mutex mutex;
  std::map<int, std::function<void(const ClusterEvent&)>> callbacks ABSL_GUARDED_BY(mutex);
  int last_id ABSL_GUARDED_BY(mutex) = 0;

  std::vector<std::function<void(const ClusterEvent&)>> All() {
    base::MutexLock lock(mutex);
    std::vector<std::function<void(const ClusterEvent&)>> all;
    for (const auto& [id, callback] : callbacks) all.push_back(callback);
    return all;
  }
};

class ChangeAdmin::Registration final : public ClusterWatch {
 public:
  Registration(std::shared_ptr<Watchers> watchers, int id)
      : watchers_(std::move(watchers)), id_(id) {}
  ~Registration() override {
    base::MutexLock lock(watchers_->mutex);
    watchers_->callbacks.erase(id_);
  }

 private:
  const std::shared_ptr<Watchers> watchers_;
  const int id_;
};

class ChangeAdmin::Ticker final : public rpc::Timer {
 public:
  explicit Ticker(ChangeAdmin* owner) : owner_(owner) {}
  void OnTimer() override { owner_->OnTick(); }

 private:
  ChangeAdmin* owner_;
};

ChangeAdmin::ChangeAdmin(const Parts& parts)
    : parts_(parts),
      ticker_(std::make_unique<Ticker>(this)),
      watchers_(std::make_shared<Watchers>()) {}

ChangeAdmin::~ChangeAdmin() {
  parts_.loop.Cancel(*ticker_);
}

void ChangeAdmin::Stop() {
  is_stopped_ = true;
  parts_.loop.Cancel(*ticker_);
}

void ChangeAdmin::OnMap(const topology::ClusterMap& map) {
  if (const auto ended = FindEndedChange(map_, map)) last_ended_ = ended;
  map_ = map;
  monitor_.OnMap(map, parts_.loop.now().monotonic);
  Broadcast();
  if (map_.change.has_value() && !ticker_->armed()) OnTick();
}

void ChangeAdmin::OnHealth(const ClusterHealth& health) {
  health_ = health;
  Broadcast();
}

void ChangeAdmin::OnTick() {
  if (is_stopped_ || !map_.change.has_value()) return;
  parts_.loop.Arm(*ticker_, parts_.loop.now().monotonic + kPollInterval);
  if (!watchers_->All().empty()) Poll([this] { Broadcast(); });
}

void ChangeAdmin::Poll(std::function<void()> done) {
  after_poll_.push_back(std::move(done));
  if (is_polling_) return;
  is_polling_ = true;
  const auto left = std::make_shared<size_t>(1);
  const auto land = [this, left] {
    if (--*left > 0) return;
    is_polling_ = false;
    for (const auto& after : std::exchange(after_poll_, {})) after();
  };
  for (const topology::Node& node : monitor_.Joiners()) {
    ++*left;
    parts_.calls.JoinStatus(node, [this, land, id = node.id](const auto& status) {
      if (status.ok()) monitor_.OnStatus(id, *status, parts_.loop.now().monotonic);
      land();
    });
  }
  land();
}

RebalanceStats ChangeAdmin::Stats() const {
  const RebalanceView view = ShowRebalance(map_);
  return {.replicas_total = view.replicas_total,
          .replicas_done = view.replicas_done,
          .replicas_moving = view.replicas_moving,
          .drives = parts_.driver.drives()};
}

RebalanceView ChangeAdmin::Show() const {
  RebalanceView view = ShowRebalance(map_);
  view.last_ended = last_ended_;
  if (view.state == RebalanceState::kIdle) return view;
  monitor_.Complete(&view, parts_.loop.now().monotonic);
  view.driver = parts_.driver.driver_name();
  view.problem = parts_.driver.problem();
  return view;
}

void ChangeAdmin::Broadcast() {
  ClusterEvent event;
  event.epoch = map_.epoch;
  event.nodes = health_.nodes;
  event.nodes_up = health_.nodes_up;
  event.rebalance = Show();
  if (told_ == event) return;
  told_ = event;
  for (const auto& callback : watchers_->All()) callback(event);
}

std::unique_ptr<ClusterWatch> ChangeAdmin::Watch(std::function<void(const ClusterEvent&)> changed) {
  int id = 0;
  {
    base::MutexLock lock(watchers_->mutex);
    id = ++watchers_->last_id;
    watchers_->callbacks[id] = changed;
  }
  parts_.loop.Post([this, id] {
    if (!told_.has_value()) return;
    std::function<void(const ClusterEvent&)> callback;
    {
      base::MutexLock lock(watchers_->mutex);
      const auto found = watchers_->callbacks.find(id);
      if (found == watchers_->callbacks.end()) return;
      callback = found->second;
    }
    callback(*told_);
  });
  return std::make_unique<Registration>(watchers_, id);
}

void ChangeAdmin::Land(const std::shared_ptr<Gathered>& gathered, const Next& next) {
  if (--gathered->waiting_for == 0) next(gathered);
}

void ChangeAdmin::AskSizes(const topology::Node& node, std::shared_ptr<Gathered> gathered,
                           Next next) {
  ++gathered->waiting_for;
  parts_.calls.PartitionSizes(node, [=, id = node.id](const auto& sizes) {
    if (sizes.ok()) {
      gathered->sizes.resize(std::max(gathered->sizes.size(), sizes->size()));
      for (size_t i = 0; i < sizes->size(); ++i) {
        gathered->sizes[i] = std::max(gathered->sizes[i], (*sizes)[i]);
      }
      gathered->measured.insert(id);
    }
    Land(gathered, next);
  });
}

void ChangeAdmin::AskWhetherItAnswers(const topology::Node& node,
                                      std::shared_ptr<Gathered> gathered, Next next) {
  ++gathered->waiting_for;
  parts_.calls.JoinStatus(node, [=, id = node.id](const auto& status) {
    if (!status.ok()) gathered->facts.silent.insert(id);
    Land(gathered, next);
  });
}

void ChangeAdmin::Gather(const ClusterChange& change, bool sizes, Next next) {
  const auto gathered = std::make_shared<Gathered>();
  gathered->waiting_for = 1;
  for (const std::string& address : JoiningAddresses(change, map_)) {
    ++gathered->waiting_for;
    parts_.calls.Describe(address, [=](absl::StatusOr<NodeDescription> description) {
      gathered->facts.joining.emplace(address, std::move(description));
      Land(gathered, next);
    });
  }
  for (const topology::Node& node : map_.nodes) {
    // Whoever leaves is asked in any case: whether it answers decides where its data comes from.
    const bool leaves = std::count(change.remove.begin(), change.remove.end(), node.id) +
                            std::count(change.remove.begin(), change.remove.end(), node.address) >
                        0;
    if (leaves) AskWhetherItAnswers(node, gathered, next);
    if (sizes) AskSizes(node, gathered, next);
  }
  Land(gathered, next);
}

void ChangeAdmin::RunTask(std::function<void()> work, const std::function<void()>& refuse) {
  ++under_way_;
  const bool posted = parts_.tasks.Post([this, work = std::move(work)] {
    work();
    parts_.loop.Post([this] { --under_way_; });
  });
  if (posted) return;
  --under_way_;
  refuse();
}

void ChangeAdmin::Plan(ClusterChange change, std::function<void(ChangePlan)> done) {
  parts_.loop.Post([this, change = std::move(change), done = std::move(done)] {
    const auto refuse = [done] { done(Failed(ShuttingDownError())); };
    if (is_stopped_) return refuse();
    ++under_way_;
    Gather(change, /*sizes=*/true, [=, this](const std::shared_ptr<Gathered>& gathered) {
      --under_way_;
      RunTask([=, this] { done(MakePlan(change, *gathered)); }, refuse);
    });
  });
}

ChangePlan ChangeAdmin::MakePlan(const ClusterChange& change, const Gathered& gathered) const {
  const absl::StatusOr<topology::ClusterMap> map = parts_.store.Read();
  if (!map.ok()) return Failed(StoreErrorOf(map.status()));
  rebalance::ChangeRequest request;
  if (CacheError error = ResolveChange(change, *map, gathered.facts, &request); !error.ok()) {
    return Failed(std::move(error));
  }
  const absl::StatusOr<rebalance::ChangePlan> plan =
      rebalance::MakePlan(*map, request, gathered.sizes);
  if (!plan.ok()) return Failed(ChangeErrorOf(plan.status()));
  ChangePlan shown = ShowPlan(*map, *plan);
  shown.bytes_are_known = SizesAreKnown(*map, plan->moves, gathered.measured);
  return shown;
}

void ChangeAdmin::Commit(ClusterChange change, std::optional<uint64_t> epoch,
                         std::function<void(ChangeResult)> done) {
  parts_.loop.Post([this, change = std::move(change), epoch, done = std::move(done)] {
    const auto refuse = [done] { done(FailedResult(ShuttingDownError())); };
    if (is_stopped_) return refuse();
    ++under_way_;
    Gather(change, /*sizes=*/false, [=, this](const std::shared_ptr<Gathered>& gathered) {
      --under_way_;
      RunTask([=, this] { done(MakeCommit(change, epoch, *gathered)); }, refuse);
    });
  });
}

ChangeResult ChangeAdmin::MakeCommit(const ClusterChange& change, std::optional<uint64_t> epoch,
                                     const Gathered& gathered) const {
  ChangeResult result;
  for (int attempt = 0; attempt < kCommitAttemptsMax; ++attempt) {
    result = TryCommit(change, epoch, gathered.facts);
    // Without an epoch, whatever the map is by now will do.
    if (epoch.has_value() || result.error.reason != "EPOCH_MISMATCH") return result;
  }
  return result;
}

ChangeResult ChangeAdmin::TryCommit(const ClusterChange& change, std::optional<uint64_t> epoch,
                                    const NodeFacts& facts) const {
  const absl::StatusOr<topology::ClusterMap> map = parts_.store.Read();
  if (!map.ok()) return FailedResult(StoreErrorOf(map.status()));
  if (epoch.has_value() && *epoch != map->epoch) {
    return FailedResult(EpochMismatch(*epoch, map->epoch));
  }
  rebalance::ChangeRequest request;
  if (CacheError error = ResolveChange(change, *map, facts, &request); !error.ok()) {
    return FailedResult(std::move(error));
  }
  const absl::StatusOr<rebalance::ChangePlan> plan = rebalance::MakePlan(*map, request, {});
  if (!plan.ok()) return FailedResult(ChangeErrorOf(plan.status()));
  ChangeResult result;
  if (!plan->changes_nothing) {
    const absl::Status status = parts_.store.CompareAndSet(map->epoch, plan->next);
    if (!status.ok()) return FailedResult(PublishError(status));
  }
  result.rebalance = ShowRebalance(plan->changes_nothing ? *map : plan->next);
  return result;
}

void ChangeAdmin::Abort(std::optional<uint64_t> epoch, std::function<void(ChangeResult)> done) {
  parts_.loop.Post([this, epoch, done = std::move(done)] {
    const auto refuse = [done] { done(FailedResult(ShuttingDownError())); };
    if (is_stopped_) return refuse();
    RunTask([=, this] { done(MakeAbort(epoch)); }, refuse);
  });
}

ChangeResult ChangeAdmin::MakeAbort(std::optional<uint64_t> epoch) const {
  absl::Status status;
  for (int attempt = 0; attempt < kCommitAttemptsMax; ++attempt) {
    const absl::StatusOr<topology::ClusterMap> map = parts_.store.Read();
    if (!map.ok()) return FailedResult(StoreErrorOf(map.status()));
    if (epoch.has_value() && *epoch != map->epoch) {
      return FailedResult(AbortEpochMismatch(*epoch, map->epoch));
    }
    if (!map->change.has_value()) {
      CacheError error = ChangeErrorOf(absl::FailedPreconditionError("no change is under way"));
      error.reason = "NO_CHANGE";
      return FailedResult(std::move(error));
    }
    const absl::StatusOr<topology::ClusterMap> next = rebalance::MakeAbort(*map);
    if (!next.ok()) return FailedResult(ChangeErrorOf(next.status()));
    status = parts_.store.CompareAndSet(map->epoch, *next);
    ChangeResult result;
    result.rebalance = ShowRebalance(*next);
    if (status.ok()) return result;
    // The driver was faster; it is aborted all the same.
    if (!absl::IsAborted(status)) break;
  }
  return FailedResult(PublishError(status));
}

void ChangeAdmin::GetRebalance(std::function<void(RebalanceView)> done) {
  parts_.loop.Post([this, done = std::move(done)] {
    if (is_stopped_) return done(RebalanceView());
    ++under_way_;
    Poll([this, done] {
      --under_way_;
      done(Show());
    });
  });
}

}  // namespace quorumcache::service
