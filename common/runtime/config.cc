// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/config.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/runtime/suggest.h"
#include "common/runtime/version.h"

namespace quorumcache::runtime {
namespace {

// What is asked about the configuration instead of running with it.
struct Questions {
  bool help = false;
  bool version = false;
  bool check_config = false;
  bool print_config = false;
  std::string config_file;
};

void AddQuestions(Questions& questions, Options& options) {
  options.AddString("config", &questions.config_file,
                    {.help = "Read options from this TOML file.", .value_name = "FILE"});
  options.AddBool("check-config", &questions.check_config,
                  {.help = "Check the configuration and exit."});
  options.AddBool("print-config", &questions.print_config,
                  {.help = "Print the configuration as a TOML file and exit."});
  options.AddBool("version", &questions.version, {.help = "Print the version and exit."});
  options.AddBool("help", &questions.help,
                  {.help = "Print this text and exit.", .short_name = 'h'});
}

absl::Status ApplyFile(const std::string& path, Options& options) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::InvalidArgumentError(absl::StrCat("--config: cannot read ", path));
  }
  return ApplyToml(text.str(), path, options);
}

// The weakest source first. The file's name comes from the stronger ones, which are applied again
// after it.
absl::Status ApplyAll(const std::vector<std::string>& arguments, Questions& questions,
                      Options& options) {
  const Environment environment = ProcessEnvironment();
  QC_ASSIGN_OR_RETURN(const std::vector<std::string> warnings,
                      ApplyEnvironment(environment, options));
  QC_ASSIGN_OR_RETURN(const std::vector<std::string> rest, ApplyArguments(arguments, options));
  if (!rest.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected argument \"", rest[0], "\""));
  }
  for (const std::string& warning : warnings)
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  if (questions.config_file.empty() || questions.help || questions.version) return absl::OkStatus();
  QC_RETURN_IF_ERROR(ApplyFile(questions.config_file, options));
  QC_RETURN_IF_ERROR(ApplyEnvironment(environment, options).status());
  return ApplyArguments(arguments, options).status();
}

}  // namespace

Environment ProcessEnvironment() {
  Environment result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos) continue;
    result.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return result;
}

absl::StatusOr<std::vector<std::string>> ApplyEnvironment(const Environment& environment,
                                                          Options& options) {
  std::map<std::string, Option*> by_variable;
  std::vector<std::string> known;
  for (Option& option : options.all()) {
    by_variable[option.environment_variable()] = &option;
    known.push_back(option.environment_variable());
  }
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, "QC_")) continue;
    const auto found = by_variable.find(name);
    if (found != by_variable.end()) {
      QC_RETURN_IF_ERROR(Options::Set(*found->second, {value}, name));
    } else if (const std::string near = Nearest(name, known); !near.empty()) {
      warnings.push_back(
          absl::StrCat("environment variable ", name, " is unknown; did you mean ", near, "?"));
    }
  }
  return warnings;
}

std::optional<int> ConfigureServer(const Program& program, int argc, char** argv, Options& options,
                                   const std::function<absl::Status()>& validate) {
  Questions questions;
  Options all = options;  // the questions are not configuration: they are not printed
  AddQuestions(questions, all);
  const absl::Status applied = ApplyAll({argv + 1, argv + argc}, questions, all);
  if (applied.ok() && questions.help) {
    std::printf("%s: %s\n\nusage: %s [OPTIONS]\n\n%s", program.name.c_str(),
                program.summary.c_str(), program.name.c_str(), PrintOptionsHelp(all).c_str());
    return 0;
  }
  if (applied.ok() && questions.version) {
    std::printf("%s %s\n", program.name.c_str(), std::string(Version()).c_str());
    return 0;
  }
  for (Option& option : options.all()) option.source = all.Find(option.name)->source;
  const absl::Status status = applied.ok() ? validate() : applied;
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", program.name.c_str(), std::string(status.message()).c_str());
    return 2;
  }
  if (questions.print_config) std::printf("%s", PrintToml(options).c_str());
  if (questions.print_config || questions.check_config) return 0;
  return std::nullopt;
}

}  // namespace quorumcache::runtime
