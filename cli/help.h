// SPDX-License-Identifier: Apache-2.0
// The help texts of qcctl, and its bash completion. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/command.h"

namespace quorumcache::cli {

// Of the program: every command with its summary.
std::string ProgramHelp(const std::vector<CommandEntry>& commands);
// Of one command, with its flags.
std::string CommandHelp(const CommandEntry& command);
// "qcctl get KEY [flags]".
std::string UsageLine(const CommandEntry& command);
// A script for `source <(qcctl completion bash)`.
std::string BashCompletion(const std::vector<CommandEntry>& commands);

// The command that `arguments` begin with, and how many words of them are its name; nullptr: none.
struct FoundCommand {
  const CommandEntry* command = nullptr;
  size_t words = 0;
};
FoundCommand FindCommand(const std::vector<CommandEntry>& commands,
                         const std::vector<std::string>& arguments);

// "unknown command "gte"; did you mean get?"
std::string UnknownCommand(const std::vector<CommandEntry>& commands,
                           const std::vector<std::string>& arguments);

}  // namespace quorumcache::cli
