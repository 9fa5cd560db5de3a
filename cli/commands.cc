// SPDX-License-Identifier: Apache-2.0
// The table of commands, and the small ones that are about qcctl itself.
#include "absl/strings/str_cat.h"
#include "cli/bench_command.h"
#include "cli/change_commands.h"
#include "cli/cluster_commands.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/init_command.h"
#include "cli/key_commands.h"
#include "cli/playground_command.h"
#include "cli/replay_command.h"
#include "cli/slow_log_command.h"
#include "cli/topology_commands.h"
#include "common/runtime/version.h"

namespace quorumcache::cli {
namespace {

class HelpCommand final : public Command {
 public:
  void AddOptions(runtime::Options&) override {}
  absl::Status Run(const std::vector<std::string>& arguments) override {
    if (arguments.empty()) {
      PrintOut(ProgramHelp(Commands()));
      return absl::OkStatus();
    }
    const FoundCommand found = FindCommand(Commands(), arguments);
    if (found.command == nullptr) return UsageError(UnknownCommand(Commands(), arguments));
    PrintOut(CommandHelp(*found.command));
    return absl::OkStatus();
  }
};

class VersionCommand final : public Command {
 public:
  void AddOptions(runtime::Options&) override {}
  absl::Status Run(const std::vector<std::string>&) override {
    PrintOut(absl::StrCat("qcctl ", runtime::Version(), "\n"));
    return absl::OkStatus();
  }
};

class CompletionCommand final : public Command {
 public:
  void AddOptions(runtime::Options&) override {}
  absl::Status Run(const std::vector<std::string>& arguments) override {
    if (arguments[0] != "bash") return UsageError("only bash is known");
    PrintOut(BashCompletion(Commands()));
    return absl::OkStatus();
  }
};

template <typename T>
std::unique_ptr<Command> Make() {
  return std::make_unique<T>();
}

}  // namespace

const std::vector<CommandEntry>& Commands() {
  static const std::vector<CommandEntry> commands = {
      {"get", "KEY", "print a value", 1, 1, MakeGet},
      {"set", "KEY [VALUE]", "store a value; prints its etag", 1, 2, MakeSet},
      {"del", "KEY", "delete a value", 1, 1, MakeDelete},
      {"ttl", "KEY", "print how long a value has to live", 1, 1, MakeTtl},
      {"touch", "KEY", "change how long a value has to live", 1, 1, MakeTouch},
      {"incr", "KEY [DELTA]", "add to a number; prints the sum", 1, 2, MakeIncrement},
      {"cas", "KEY ETAG [VALUE]", "replace a value that still has this etag", 2, 3,
       MakeCompareAndSet},
      {"mget", "KEY...", "print several values", 1, kAnyNumber, MakeMultiGet},
      {"scan", "[PREFIX]", "list keys", 0, 1, MakeScan},
      {"locate", "KEY", "ask every replica of a key what it holds", 1, 1, MakeLocate},
      {"cluster init", "", "write the first map of a new cluster", 0, 0, MakeClusterInit},
      {"cluster status", "", "how the cluster is", 0, 0, MakeClusterStatus},
      {"node list", "", "list the storage nodes", 0, 0, MakeNodeList},
      {"node add", "", "plan or begin to add a storage node", 0, 0, MakeNodeAdd},
      {"node drain", "NODE...", "plan or begin to move all partitions away from nodes", 1,
       kAnyNumber, MakeNodeDrain},
      {"node remove", "NODE...", "plan or begin to drain nodes and take them out of the map", 1,
       kAnyNumber, MakeNodeRemove},
      {"node replace", "NODE",
       "plan or begin to rebuild a dead node's partitions on another, or on its new disk", 1, 1,
       MakeNodeReplace},
      {"cluster plan", "", "show what several changes at once would do", 0, 0, MakeClusterPlan},
      {"cluster commit", "", "begin a change that was planned", 0, 0, MakeClusterCommit},
      {"cluster abort", "", "take back what of a change is not done yet", 0, 0, MakeClusterAbort},
      {"rebalance status", "", "how far a change has come", 0, 0, MakeRebalanceStatus},
      {"health", "", "ask the endpoints whether they are ready", 0, 0, MakeHealth},
      {"slowlog", "", "list the operations that took long at the endpoints", 0, 0, MakeSlowLog},
      {"topology export", "[FILE]", "write the cluster map that a topology store holds", 0, 1,
       MakeTopologyExport},
      {"topology import", "FILE...", "put the newest of some maps into a store that has none", 1,
       kAnyNumber, MakeTopologyImport},
      {"playground", "", "run a whole cluster on this machine", 0, 0, MakePlayground},
      {"replay", "FILE", "replay a trace of a real cache", 1, 1, MakeReplay},
      {"bench", "", "measure throughput, latency and CPU per operation", 0, 0, MakeBench},
      {"completion", "bash", "print a completion script", 1, 1, Make<CompletionCommand>},
      {"version", "", "print the version", 0, 0, Make<VersionCommand>},
      {"help", "[COMMAND]", "print what a command does", 0, 2, Make<HelpCommand>},
  };
  return commands;
}

}  // namespace quorumcache::cli
