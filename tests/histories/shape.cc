// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/shape.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"

namespace quorumcache::histories {
namespace {

constexpr std::array<const char*, kShapeKinds> kNames = {
    "one node",    "two nodes",   "drain",       "replace dead",     "replace wiped",    "abort",
    "kill source", "kill target", "kill driver", "stop coordinator", "kill store leader"};

constexpr size_t kNodesMax = 6;
// Slow enough that there is a middle to break it in.
const std::vector<std::string>& JoinerFlags() {
  static const std::vector<std::string> flags = {"--rebalance-bandwidth", "2MiB"};
  return flags;
}
constexpr int kCommitTriesMax = 5;
constexpr absl::Duration kChangeTimeout = absl::Minutes(1);
// Between two looks at a change's progress.
constexpr absl::Duration kLookInterval = absl::Milliseconds(20);
// How long a killed member stays away, a stopped one asleep.
constexpr absl::Duration kAway = absl::Milliseconds(200);
constexpr absl::Duration kAsleep = absl::Seconds(1);

class Walk {
 public:
  Walk(uint64_t seed, Cluster& cluster, const std::function<bool(absl::Duration)>& rest,
       std::vector<std::string>* begun)
      : random_(seed), cluster_(cluster), rest_(rest), begun_(*begun) {}

  absl::Status Step(ShapeKind kind) {
    begun_.push_back(kNames[static_cast<size_t>(kind)]);
    QC_RETURN_IF_ERROR(Begin(kind));
    QC_RETURN_IF_ERROR(Disturb(kind));
    QC_RETURN_IF_ERROR(Finish());
    // One fault at a time: all is well before the next one.
    return cluster_.AwaitAllUp();
  }

 private:
  void Note(const std::string& what) { absl::StrAppend(&begun_.back(), ", ", what); }

  std::string AnyNode() {
    return cluster_.storage_nodes()[random_.Uniform(cluster_.storage_nodes().size())];
  }

  // Again while a node that binds its directory changes the map between plan and commit.
  absl::Status Commit(std::vector<std::string> command) {
    Note(absl::StrJoin(command, " "));
    command.insert(command.end(), {"--yes", "-o", "json"});
    absl::StatusOr<std::string> answer;
    for (int i = 0; i < kCommitTriesMax; ++i) {
      answer = cluster_.Qcctl(command);
      if (answer.ok()) break;
      rest_(kAway);
    }
    QC_RETURN_IF_ERROR(answer.status());
    committed_epoch_ = ParseProgress(*answer).epoch;
    return absl::OkStatus();
  }

  absl::Status Begin(ShapeKind kind) {
    switch (kind) {
      case ShapeKind::kTwoNodes:
        return GrowOrShrink(2);
      case ShapeKind::kDrain:
        return BeginDrain();
      case ShapeKind::kReplaceDead:
        return BeginReplace();
      case ShapeKind::kReplaceWiped:
        return BeginReplaceWiped();
      default:
        return GrowOrShrink(1);
    }
  }

  absl::Status GrowOrShrink(size_t count) {
    std::vector<std::string> command = {"cluster", "plan"};
    if (cluster_.storage_nodes().size() + count <= kNodesMax) {
      for (size_t i = 0; i < count; ++i) {
        QC_ASSIGN_OR_RETURN(const std::string node, cluster_.StartNode(JoinerFlags()));
        command.insert(command.end(), {"--add", cluster_.NodeAddress(node)});
      }
    } else {
      while (leaving_.size() < count) {
        const std::string node = AnyNode();
        if (std::count(leaving_.begin(), leaving_.end(), node) > 0) continue;
        leaving_.push_back(node);
        command.insert(command.end(), {"--remove", node});
      }
    }
    return Commit(command);
  }

  absl::Status BeginDrain() {
    if (cluster_.storage_nodes().size() == 3) {
      QC_RETURN_IF_ERROR(GrowOrShrink(1));
      QC_RETURN_IF_ERROR(AwaitIdle());
    }
    const std::string node = AnyNode();
    after_ = {"cluster", "plan", "--set-weight", node + "=100"};
    return Commit({"node", "drain", node});
  }

  absl::Status BeginReplace() {
    const std::string dead = AnyNode();
    cluster_.Kill(dead);
    leaving_.push_back(dead);
    QC_ASSIGN_OR_RETURN(const std::string node, cluster_.StartNode(JoinerFlags()));
    return Commit({"node", "replace", dead, "--with", cluster_.NodeAddress(node)});
  }

  absl::Status BeginReplaceWiped() {
    const std::string node = AnyNode();
    QC_RETURN_IF_ERROR(cluster_.RestartWiped(node));
    return Commit({"node", "replace", node, "--with", cluster_.NodeAddress(node)});
  }

  absl::Status Disturb(ShapeKind kind) {
    switch (kind) {
      case ShapeKind::kAbort:
        return Abort();
      case ShapeKind::kKillSource:
      case ShapeKind::kKillTarget:
        return KillNode(kind == ShapeKind::kKillSource);
      case ShapeKind::kKillDriver:
        return KillDriver();
      case ShapeKind::kStopCoordinator:
        return StopCoordinator();
      case ShapeKind::kKillStoreLeader:
        return KillStoreLeader();
      default:
        return absl::OkStatus();
    }
  }

  // The first look at the change that `wanted` is true of; one that is idle where it is over.
  absl::StatusOr<ChangeProgress> Await(const std::function<bool(const ChangeProgress&)>& wanted) {
    absl::StatusOr<ChangeProgress> last;
    for (const absl::Time until = absl::Now() + kChangeTimeout; absl::Now() < until;) {
      last = cluster_.Progress();
      const bool is_news = last.ok() && last->epoch >= committed_epoch_;
      if (is_news && (last->is_idle || wanted(*last))) return last;
      rest_(kLookInterval);
    }
    return absl::DeadlineExceededError(
        absl::StrCat("the change does not go on: ", last.ok() ? last->text : "no progress"));
  }

  absl::StatusOr<ChangeProgress> AwaitMiddle() {
    return Await([](const ChangeProgress& progress) {
      return progress.replicas_done > 0 && !progress.driver.empty() && !progress.transfers.empty();
    });
  }

  absl::Status AwaitIdle() {
    QC_ASSIGN_OR_RETURN(const ChangeProgress end, Await([](const auto&) { return false; }));
    return absl::OkStatus();
  }

  absl::Status AwaitIdleEverywhere() {
    for (const absl::Time until = absl::Now() + kChangeTimeout; absl::Now() < until;) {
      const std::vector<ChangeProgress> all = cluster_.ProgressOfAll();
      const bool is_idle = std::all_of(all.begin(), all.end(), [&](const ChangeProgress& one) {
        return one.is_idle && one.epoch >= committed_epoch_;
      });
      if (is_idle && all.size() == cluster_.coordinators().size()) return absl::OkStatus();
      rest_(kLookInterval);
    }
    return absl::DeadlineExceededError("a coordinator does not hear of the end of the change");
  }

  absl::Status Abort() {
    QC_ASSIGN_OR_RETURN(const ChangeProgress now, Await([](const ChangeProgress& progress) {
                          return 2 * progress.replicas_done >= progress.replicas_total;
                        }));
    if (now.is_idle) return TooLate();
    Note(absl::StrCat("aborted at ", now.replicas_done, " of ", now.replicas_total));
    // It may have ended this moment.
    if (!cluster_.Qcctl({"cluster", "abort"}).ok()) return TooLate();
    QC_RETURN_IF_ERROR(AwaitIdle());
    if (leaving_.empty()) {
      after_ = {"cluster", "plan", "--set-weight", cluster_.storage_nodes().back() + "=100"};
    } else {
      after_ = {"node", "remove", leaving_[0]};
    }
    return absl::OkStatus();
  }

  absl::Status TooLate() {
    Note("which was over by then");
    return absl::OkStatus();
  }

  absl::Status KillNode(bool source) {
    QC_ASSIGN_OR_RETURN(const ChangeProgress now, AwaitMiddle());
    if (now.is_idle) return TooLate();
    const auto& [from, to] = now.transfers[random_.Uniform(now.transfers.size())];
    return KillFor(source && !from.empty() ? from : to);
  }

  absl::Status KillDriver() {
    QC_ASSIGN_OR_RETURN(const ChangeProgress now, AwaitMiddle());
    return now.is_idle ? TooLate() : KillFor(now.driver);
  }

  absl::Status KillFor(const std::string& member) {
    Note("kill " + member);
    cluster_.Kill(member);
    rest_(kAway);
    return cluster_.Restart(member);
  }

  absl::Status StopCoordinator() {
    QC_ASSIGN_OR_RETURN(const ChangeProgress now, AwaitMiddle());
    if (now.is_idle) return TooLate();
    std::string sleeper = cluster_.coordinators()[random_.Uniform(3)];
    while (sleeper == now.driver) sleeper = cluster_.coordinators()[random_.Uniform(3)];
    Note("stop " + sleeper);
    cluster_.Pause(sleeper);
    const absl::StatusOr<ChangeProgress> later = Await(
        [&](const ChangeProgress& progress) { return progress.replicas_done > now.replicas_done; });
    rest_(kAsleep);
    cluster_.Resume(sleeper);
    return later.status();
  }

  absl::Status KillStoreLeader() {
    if (cluster_.etcd() == nullptr) return absl::OkStatus();
    QC_ASSIGN_OR_RETURN(const ChangeProgress now, AwaitMiddle());
    if (now.is_idle) return TooLate();
    QC_ASSIGN_OR_RETURN(const size_t leader, cluster_.etcd()->Leader());
    Note(absl::StrCat("kill etcd member ", leader));
    cluster_.etcd()->Kill(leader);
    QC_RETURN_IF_ERROR(AwaitIdle());
    QC_RETURN_IF_ERROR(cluster_.etcd()->Restart(leader));
    return cluster_.etcd()->WaitUntilHealthy();
  }

  absl::Status Finish() {
    QC_RETURN_IF_ERROR(AwaitIdle());
    if (!after_.empty()) {
      QC_RETURN_IF_ERROR(Commit(std::exchange(after_, {})));
      QC_RETURN_IF_ERROR(AwaitIdle());
    }
    // A coordinator with an older map may still need who leaves.
    if (!leaving_.empty()) QC_RETURN_IF_ERROR(AwaitIdleEverywhere());
    for (const std::string& node : std::exchange(leaving_, {})) cluster_.Dismiss(node);
    return absl::OkStatus();
  }

  base::Random random_;
  Cluster& cluster_;
  const std::function<bool(absl::Duration)>& rest_;
  std::vector<std::string>& begun_;
  // When the change is over: who goes, and what else is to be committed.
  std::vector<std::string> leaving_;
  std::vector<std::string> after_;
  // What a coordinator tells of an older map is not about this change.
  int64_t committed_epoch_ = 0;
};

}  // namespace

std::vector<ShapeKind> AllShapeKinds() {
  std::vector<ShapeKind> kinds;
  for (int i = 0; i < kShapeKinds; ++i) kinds.push_back(static_cast<ShapeKind>(i));
  return kinds;
}

absl::Status RunShapes(uint64_t seed, std::vector<ShapeKind> kinds, Cluster& cluster,
                       const std::function<bool(absl::Duration)>& rest,
                       std::vector<std::string>* begun) {
  QC_CHECK(!kinds.empty());
  base::Random random(seed);
  Walk walk(random.Next(), cluster, rest, begun);
  while (true) {
    for (size_t i = kinds.size() - 1; i > 0; --i) std::swap(kinds[i], kinds[random.Uniform(i + 1)]);
    for (const ShapeKind kind : kinds) {
      QC_RETURN_IF_ERROR(walk.Step(kind));
      const bool had_all = begun->size() >= kinds.size();
      if (!rest(absl::Milliseconds(100)) && had_all) return absl::OkStatus();
    }
  }
}

}  // namespace quorumcache::histories
