// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/runtime/config.h"
#include "common/runtime/suggest.h"

namespace quorumcache::cli {
namespace {

constexpr char kExitCodes[] =
    "exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 condition not met, 5 unavailable,\n"
    "            6 outcome unknown: the write may have been applied\n";

std::vector<std::string> FlagsOf(const CommandEntry& entry) {
  runtime::Options options;
  const std::unique_ptr<Command> command = entry.make();
  command->AddOptions(options);
  std::vector<std::string> flags = {"--help"};
  for (const runtime::Option& option : options.all()) flags.push_back(option.flag());
  return flags;
}

}  // namespace

std::string UsageLine(const CommandEntry& command) {
  return absl::StrCat("qcctl ", command.name, command.arguments.empty() ? "" : " ",
                      command.arguments, " [flags]");
}

std::string ProgramHelp(const std::vector<CommandEntry>& commands) {
  std::string out = "qcctl: the command line of QuorumCache\n\nusage: qcctl COMMAND [flags]\n\n";
  for (const CommandEntry& command : commands) {
    const std::string name =
        absl::StrCat(command.name, command.arguments.empty() ? "" : " ", command.arguments);
    absl::StrAppendFormat(&out, "  %-26s %s\n", name, command.summary);
  }
  return absl::StrCat(out, "\n`qcctl help COMMAND` lists its flags; each is also read from the ",
                      "environment (--ttl: QC_TTL).\n", kExitCodes);
}

std::string CommandHelp(const CommandEntry& entry) {
  runtime::Options options;
  const std::unique_ptr<Command> command = entry.make();
  command->AddOptions(options);
  return absl::StrCat("qcctl ", entry.name, ": ", entry.summary, "\n\nusage: ", UsageLine(entry),
                      "\n\n", runtime::PrintOptionsHelp(options), "\n", kExitCodes);
}

FoundCommand FindCommand(const std::vector<CommandEntry>& commands,
                         const std::vector<std::string>& arguments) {
  for (const CommandEntry& command : commands) {
    const std::vector<std::string> words = absl::StrSplit(command.name, ' ');
    if (words.size() <= arguments.size() &&
        std::equal(words.begin(), words.end(), arguments.begin())) {
      return {&command, words.size()};
    }
  }
  return {};
}

std::string UnknownCommand(const std::vector<CommandEntry>& commands,
                           const std::vector<std::string>& arguments) {
  std::vector<std::string> known, continuations;
  for (const CommandEntry& command : commands) {
    known.push_back(command.name);
    if (absl::StrCat(arguments[0], " ") == command.name.substr(0, arguments[0].size() + 1)) {
      continuations.push_back(command.name);
    }
  }
  if (!continuations.empty()) {
    return absl::StrCat("\"", arguments[0],
                        "\" needs one word more: ", absl::StrJoin(continuations, ", "));
  }
  std::string near = runtime::Nearest(arguments[0], known);
  if (near.empty() && arguments.size() > 1) {
    near = runtime::Nearest(absl::StrCat(arguments[0], " ", arguments[1]), known);
  }
  return absl::StrCat("unknown command \"", arguments[0], "\"",
                      near.empty() ? std::string() : absl::StrCat("; did you mean ", near, "?"));
}

std::string BashCompletion(const std::vector<CommandEntry>& commands) {
  std::vector<std::string> first_words;
  std::map<std::string, std::vector<std::string>> second_words;
  std::string flags;
  for (const CommandEntry& command : commands) {
    const std::vector<std::string> words = absl::StrSplit(command.name, ' ');
    if (words.size() == 2) second_words[words[0]].push_back(words[1]);
    if (words.size() == 1 || second_words[words[0]].size() == 1) first_words.push_back(words[0]);
    absl::StrAppend(&flags, "    \"", command.name, "\") words=\"",
                    absl::StrJoin(FlagsOf(command), " "), "\" ;;\n");
  }
  std::string seconds;
  for (const auto& [first, rest] : second_words) {
    absl::StrAppend(&seconds, "    ", first, ") words=\"", absl::StrJoin(rest, " "), "\" ;;\n");
  }
  return absl::StrCat(
      "# bash completion of qcctl: source <(qcctl completion bash)\n_qcctl() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words=\"",
      absl::StrJoin(first_words, " "),
      "\"\n  elif [ \"$COMP_CWORD\" -eq 2 ] && [[ \"$word\" != -* ]]; then\n"
      "    case \"$command\" in\n",
      seconds, "    esac\n  else\n    case \"$command\" in ",
      absl::StrJoin(second_words, "|",
                    [](std::string* out, const auto& entry) { out->append(entry.first); }),
      ") command=\"$command ${COMP_WORDS[2]}\" ;; esac\n    case \"$command\" in\n", flags,
      "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
      "complete -o default -F _qcctl qcctl\n");
}

}  // namespace quorumcache::cli
