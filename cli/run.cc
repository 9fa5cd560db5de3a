// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/help.h"

namespace quorumcache::cli {
namespace {

int Fail(const absl::Status& status, Effect effect, const std::string& hint) {
  PrintError(absl::StrCat("qcctl: ", DescribeError(status, effect), "\n"));
  if (IsUsageError(status)) PrintError(hint);
  return static_cast<int>(ExitCodeOf(status, effect));
}

absl::Status CheckCount(const CommandEntry& entry, size_t count) {
  if (count >= entry.arguments_min && count <= entry.arguments_max) return absl::OkStatus();
  return UsageError(count < entry.arguments_min ? "too few arguments" : "too many arguments");
}

bool AsksForHelp(const std::vector<std::string>& arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::any_of(arguments.begin(), end, [](const std::string& argument) {
    return argument == "--help" || argument == "-h";
  });
}

int RunCommandEntry(const CommandEntry& entry, const std::vector<std::string>& arguments,
                    const runtime::Environment& environment) {
  const std::string hint =
      absl::StrCat("usage: ", UsageLine(entry), "; qcctl help ", entry.name, "\n");
  const std::unique_ptr<Command> command = entry.make();
  runtime::Options options;
  command->AddOptions(options);
  const auto warnings = runtime::ApplyEnvironment(environment, options);
  if (!warnings.ok()) return Fail(UsageError(std::string(warnings.status().message())), {}, hint);
  for (const std::string& warning : *warnings) PrintError(absl::StrCat("qcctl: ", warning, "\n"));
  const auto rest = runtime::ApplyArguments(arguments, options);
  if (!rest.ok()) return Fail(UsageError(std::string(rest.status().message())), {}, hint);
  absl::Status status = CheckCount(entry, rest->size());
  if (status.ok()) status = command->Run(*rest);
  return status.ok() ? 0 : Fail(status, command->effect(), hint);
}

}  // namespace

int RunQcctl(const std::vector<std::string>& arguments, const runtime::Environment& environment) {
  if (arguments.empty()) {
    PrintError(ProgramHelp(Commands()));
    return static_cast<int>(ExitCode::kUsage);
  }
  if (arguments[0] == "--help" || arguments[0] == "-h") {
    return RunQcctl({"help"}, environment);
  }
  if (arguments[0] == "--version") return RunQcctl({"version"}, environment);
  const FoundCommand found = FindCommand(Commands(), arguments);
  if (found.command == nullptr) {
    return Fail(UsageError(UnknownCommand(Commands(), arguments)), Effect::kReads,
                "`qcctl help` lists the commands\n");
  }
  const std::vector<std::string> rest(arguments.begin() + static_cast<ptrdiff_t>(found.words),
                                      arguments.end());
  if (AsksForHelp(rest)) {
    PrintOut(CommandHelp(*found.command));
    return 0;
  }
  return RunCommandEntry(*found.command, rest, environment);
}

}  // namespace quorumcache::cli
