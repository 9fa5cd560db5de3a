// SPDX-License-Identifier: Apache-2.0
#include "cli/change_commands.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/change_check.h"
#include "cli/change_options.h"
#include "cli/change_output.h"
#include "cli/progress.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

// A plan asks every node, and those that are dead only answer by their silence.
constexpr absl::Duration kTimeout = absl::Seconds(15);

void AddEpoch(uint64_t* epoch, std::string help, runtime::Options& options) {
  // Epochs have 32 bits.
  options.AddInteger("epoch", epoch, uint64_t{0}, uint64_t{UINT32_MAX}, {.help = std::move(help)});
}

// The bar, until the change is done that was published at `epoch`; 0: whatever is under way. A
// coordinator that has not heard of that epoch yet says idle, and means the time before.
absl::StatusOr<v1::Rebalance> Follow(client::Client& client, OutputForm form, uint64_t epoch,
                                     WaitedChanges* waited) {
  Progress progress;
  v1::Rebalance last;
  const absl::Status status = client.WatchCluster([&](const v1::WatchClusterResponse& event) {
    if (event.rebalance().epoch() < epoch) return true;
    last = event.rebalance();
    waited->Note(last);
    progress.Update(RebalanceFraction(last), RebalanceDetail(last));
    return last.state() != v1::REBALANCE_STATE_IDLE;
  });
  progress.Finish();
  QC_RETURN_IF_ERROR(status);
  PrintOut(FormatRebalance(form, last));
  return last;
}

// The map of `epoch` or a later one: the coordinator that is asked may be a moment behind.
absl::StatusOr<v1::GetClusterMapResponse> MapSince(client::Client& client, uint64_t epoch) {
  const absl::Time deadline = absl::Now() + kTimeout;
  while (true) {
    QC_ASSIGN_OR_RETURN(v1::GetClusterMapResponse map, client.GetClusterMap());
    if (map.epoch() >= epoch) return map;
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the change has ended, but a coordinator still has epoch ", map.epoch(),
                       " of the cluster map instead of ", epoch, ": look at `qcctl node list`"));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
}

// Waits for the end of `change`. Fails where it was aborted: a script must not go on.
absl::Status WaitUntilDone(client::Client& client, OutputForm form, const v1::Change& change,
                           uint64_t epoch) {
  WaitedChanges waited;
  waited.Expect(epoch);
  QC_ASSIGN_OR_RETURN(const v1::Rebalance last, Follow(client, form, epoch, &waited));
  // Without moves there is no change that could end.
  QC_RETURN_IF_ERROR(waited.AbortedOnly());
  QC_ASSIGN_OR_RETURN(const v1::GetClusterMapResponse map, MapSince(client, last.epoch()));
  const std::string missing = WhatIsNotDone(change, map);
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the change has ended and is not done: ", missing,
                   ". It was aborted, or another one followed: look at `qcctl node list` before "
                   "you stop a node, and plan again"));
}

// What all commands share that name a change.
class ChangeCommand : public ClientCommand {
 public:
  ChangeCommand() : ClientCommand("table", kTimeout) {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    AddEpoch(&epoch_, "Commit the plan that was made from this epoch; 0: only plan.", options);
    options.AddBool("yes", &yes_, {.help = "Plan, and commit that plan at once."});
    options.AddBool(
        "wait", &wait_,
        {.help = "After a commit, show progress until it is done; fail if it was aborted."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    QC_ASSIGN_OR_RETURN(const v1::Change change, MakeChange(arguments));
    if (epoch_ == 0) {
      QC_RETURN_IF_ERROR(Plan(change, arguments));
      if (!yes_) return absl::OkStatus();
    }
    is_committing_ = true;
    v1::CommitChangeRequest request;
    *request.mutable_change() = change;
    request.set_epoch(epoch_);
    QC_ASSIGN_OR_RETURN(const v1::CommitChangeResponse response, client().CommitChange(request));
    if (wait_) return WaitUntilDone(client(), form(), change, response.epoch());
    PrintOut(FormatRebalance(form(), response.rebalance()));
    return absl::OkStatus();
  }
  Effect effect() const override { return is_committing_ ? Effect::kWrites : Effect::kReads; }

 protected:
  virtual absl::StatusOr<v1::Change> MakeChange(const std::vector<std::string>& arguments) = 0;
  // The command line that commits it, but for --epoch.
  virtual std::string CommitLine(const std::vector<std::string>& arguments) const = 0;
  uint64_t epoch() const { return epoch_; }

 private:
  absl::Status Plan(const v1::Change& change, const std::vector<std::string>& arguments) {
    v1::PlanChangeRequest request;
    *request.mutable_change() = change;
    QC_ASSIGN_OR_RETURN(const v1::PlanChangeResponse plan, client().PlanChange(request));
    epoch_ = plan.epoch();
    const std::string line =
        absl::StrCat("qcctl ", CommitLine(arguments), " --epoch ", plan.epoch());
    // With --yes, standard output is for what the commit says.
    if (yes_) {
      PrintError(FormatPlan(OutputForm::kTable, plan, ""));
    } else {
      PrintOut(FormatPlan(form(), plan, line));
    }
    return absl::OkStatus();
  }

  uint64_t epoch_ = 0;
  bool yes_ = false;
  bool wait_ = false;
  bool is_committing_ = false;
};

class AddCommand final : public ChangeCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    node_.AddTo("address", "required.", options);
    ChangeCommand::AddOptions(options);
  }

 private:
  absl::StatusOr<v1::Change> MakeChange(const std::vector<std::string>&) override {
    if (node_.address.empty()) return UsageError("--address is missing");
    v1::Change change;
    node_.Fill(*change.add_add());
    return change;
  }
  std::string CommitLine(const std::vector<std::string>&) const override {
    return absl::StrCat("node add", node_.Text("address"));
  }

  NodeFlags node_;
};

class ReplaceCommand final : public ChangeCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    node_.AddTo("with", "without it, the node itself, which has come back with an empty disk.",
                options);
    ChangeCommand::AddOptions(options);
  }

 private:
  absl::StatusOr<v1::Change> MakeChange(const std::vector<std::string>& arguments) override {
    v1::Change change;
    v1::ReplaceNode& one = *change.add_replace();
    one.set_dead_id(arguments[0]);
    node_.Fill(*one.mutable_with());
    return change;
  }
  std::string CommitLine(const std::vector<std::string>& arguments) const override {
    return absl::StrCat("node replace ", arguments[0], node_.Text("with"));
  }

  NodeFlags node_;
};

// node drain, node remove.
class DepartCommand final : public ChangeCommand {
 public:
  explicit DepartCommand(bool removes) : removes_(removes) {}

 private:
  absl::StatusOr<v1::Change> MakeChange(const std::vector<std::string>& arguments) override {
    v1::Change change;
    for (const std::string& id : arguments) {
      *(removes_ ? change.add_remove() : change.add_drain()) = id;
    }
    return change;
  }
  std::string CommitLine(const std::vector<std::string>& arguments) const override {
    std::string line = removes_ ? "node remove" : "node drain";
    for (const std::string& id : arguments) absl::StrAppend(&line, " ", id);
    return line;
  }

  const bool removes_;
};

class PlanCommand final : public ChangeCommand {
 public:
  explicit PlanCommand(bool commits) : commits_(commits) {}
  void AddOptions(runtime::Options& options) override {
    flags_.AddTo(options);
    ChangeCommand::AddOptions(options);
  }

 private:
  absl::StatusOr<v1::Change> MakeChange(const std::vector<std::string>&) override {
    if (commits_ && epoch() == 0) {
      return UsageError("--epoch is missing: `qcctl cluster plan` says which");
    }
    return flags_.Parse();
  }
  std::string CommitLine(const std::vector<std::string>&) const override {
    return absl::StrCat("cluster commit", flags_.Text());
  }

  const bool commits_;
  ChangeFlags flags_;
};

class AbortCommand final : public ClientCommand {
 public:
  AbortCommand() : ClientCommand("table", kTimeout) {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    AddEpoch(&epoch_, "Only if the cluster map still is at this epoch; 0: whatever it is.",
             options);
  }
  absl::Status Run(const std::vector<std::string>&) override {
    v1::AbortChangeRequest request;
    request.set_epoch(epoch_);
    QC_ASSIGN_OR_RETURN(const v1::AbortChangeResponse response, client().AbortChange(request));
    PrintOut(FormatRebalance(form(), response.rebalance()));
    return absl::OkStatus();
  }
  Effect effect() const override { return Effect::kWrites; }

 private:
  uint64_t epoch_ = 0;
};

class RebalanceCommand final : public ClientCommand {
 public:
  RebalanceCommand() : ClientCommand("table", kTimeout) {}
  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    options.AddBool(
        "wait", &wait_,
        {.help = "Show progress until no change is under way; fail if one was aborted meanwhile."});
  }
  absl::Status Run(const std::vector<std::string>&) override {
    if (wait_) {
      WaitedChanges waited;
      QC_RETURN_IF_ERROR(Follow(client(), form(), /*epoch=*/0, &waited).status());
      return waited.Verdict();
    }
    QC_ASSIGN_OR_RETURN(const v1::GetRebalanceResponse response, client().GetRebalance());
    PrintOut(FormatRebalance(form(), response.rebalance()));
    return absl::OkStatus();
  }

 private:
  bool wait_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeNodeAdd() {
  return std::make_unique<AddCommand>();
}
std::unique_ptr<Command> MakeNodeDrain() {
  return std::make_unique<DepartCommand>(/*removes=*/false);
}
std::unique_ptr<Command> MakeNodeRemove() {
  return std::make_unique<DepartCommand>(/*removes=*/true);
}
std::unique_ptr<Command> MakeNodeReplace() {
  return std::make_unique<ReplaceCommand>();
}
std::unique_ptr<Command> MakeClusterPlan() {
  return std::make_unique<PlanCommand>(/*commits=*/false);
}
std::unique_ptr<Command> MakeClusterCommit() {
  return std::make_unique<PlanCommand>(/*commits=*/true);
}
std::unique_ptr<Command> MakeClusterAbort() {
  return std::make_unique<AbortCommand>();
}
std::unique_ptr<Command> MakeRebalanceStatus() {
  return std::make_unique<RebalanceCommand>();
}

}  // namespace quorumcache::cli
