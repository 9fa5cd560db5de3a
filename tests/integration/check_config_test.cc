// SPDX-License-Identifier: Apache-2.0
// --check-config of both servers: 0 where they would start, 2 and one line where they would not.
// Which options there are is read off --help, so that a new one is tested as it comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/integration/playground.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Runs argv with its standard error in the output.
CommandResult RunMerged(const std::vector<std::string>& argv) {
  std::vector<std::string> shell = {"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh"};
  shell.insert(shell.end(), argv.begin(), argv.end());
  return RunCommand(shell);
}

// An option as --help shows it.
struct ShownOption {
  std::string name;  // without dashes
  std::string word;  // DURATION, SIZE, ...; empty: no value
  bool has_bounds = false;
};

std::vector<ShownOption> OptionsOf(const std::string& program) {
  std::vector<ShownOption> options;
  const CommandResult help = RunCommand({program, "--help"});
  for (const absl::string_view line : absl::StrSplit(help.output, '\n')) {
    if (absl::StartsWith(line, "  --")) {
      const std::vector<std::string> words = absl::StrSplit(line.substr(4), ' ');
      options.push_back({.name = words[0], .word = words.size() > 1 ? words[1] : std::string()});
    } else if (!options.empty() && absl::StrContains(line, " Accepts ")) {
      options.back().has_bounds = true;
    }
  }
  return options;
}

// Those that a nonsensical value can be seen to be wrong of, whatever the rest is.
bool IsChecked(const ShownOption& option) {
  return option.has_bounds || option.word == "DURATION" || option.word == "SIZE" ||
         option.word == "N" || option.word == "HOST:PORT" || option.name == "topology";
}

// Without comments: where a value comes from is one.
std::vector<std::string> Settings(const std::string& toml) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(toml, '\n')) {
    if (!line.empty() && line[0] != '#') lines.emplace_back(line);
  }
  return lines;
}

std::string Variable(const std::string& option) {
  return absl::StrCat("QC_", absl::AsciiStrToUpper(absl::StrReplaceAll(option, {{"-", "_"}})));
}

class CheckConfigTest : public testing::TestWithParam<std::string> {
 protected:
  std::string program() const { return Binary(GetParam()); }
  bool is_node() const { return GetParam() == "qc-storage-node"; }

  // What it cannot do without.
  std::vector<std::string> Required() const {
    if (!is_node()) return {"--topology=file:/nowhere/map"};
    return {"--topology=file:/nowhere/map", "--node-id=n1", "--data-dir=/nowhere/n1"};
  }
  CommandResult Check(const std::vector<std::string>& flags,
                      const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> argv = {"/usr/bin/env"};
    argv.insert(argv.end(), environment.begin(), environment.end());
    argv.insert(argv.end(), {program(), "--check-config"});
    for (const std::string& flag : Required()) argv.push_back(flag);
    argv.insert(argv.end(), flags.begin(), flags.end());
    return RunMerged(argv);
  }
  std::string WriteToml(const std::string& text) const {
    std::ofstream(directory_.File("config.toml")) << text;
    return absl::StrCat("--config=", directory_.File("config.toml"));
  }

  support::TempDir directory_;
};

TEST_P(CheckConfigTest, GoodConfigurationIsSilentAndTouchesNothing) {
  const CommandResult result = Check({absl::StrCat("--topology=file:", directory_.File("map"))});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "");
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_P(CheckConfigTest, EachBadOptionIsNamedInOneLine) {
  size_t checked = 0;
  for (const ShownOption& option : OptionsOf(program())) {
    if (!IsChecked(option)) continue;
    const CommandResult result = Check({absl::StrCat("--", option.name, "=!nonsense")});
    EXPECT_EQ(result.exit_code, 2) << option.name;
    EXPECT_THAT(result.output, AllOf(StartsWith(GetParam() + ": "), HasSubstr("--" + option.name),
                                     EndsWith("\n")));
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result.output;
    ++checked;
  }
  EXPECT_GE(checked, 9u) << "--help is not understood any more";
}

TEST_P(CheckConfigTest, MissingOptionIsNamed) {
  for (const std::string& flag : Required()) {
    std::vector<std::string> argv = {program(), "--check-config"};
    for (const std::string& other : Required()) {
      if (other != flag) argv.push_back(other);
    }
    const CommandResult result = RunMerged(argv);
    EXPECT_EQ(result.exit_code, 2) << flag;
    EXPECT_THAT(result.output, HasSubstr(flag.substr(0, flag.find('='))));
  }
}

TEST_P(CheckConfigTest, BadEnvironmentIsNamedByItsVariable) {
  const CommandResult result = Check({}, {absl::StrCat(Variable("log-level"), "=loud")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, AllOf(HasSubstr("QC_LOG_LEVEL"), HasSubstr("loud")));
}

TEST_P(CheckConfigTest, BadTomlIsNamedByItsFileAndLine) {
  for (const char* text : {"log_level = \"loud\"\n", "log_level = 7\n", "log_level = \n",
                           "no_such_key = 1\n", "[table]\nlog_level = \"info\"\n"}) {
    const CommandResult result = Check({WriteToml(text)});
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_THAT(result.output, HasSubstr("config.toml")) << text;
  }
  EXPECT_EQ(Check({"--config", directory_.File("missing.toml")}).exit_code, 2);
}

// Weakest first: file, environment, flag.
TEST_P(CheckConfigTest, FlagsWinOverEnvironmentOverFile) {
  const std::string file = WriteToml("log_level = \"warning\"\nlisten = \"127.0.0.1:1\"\n");
  std::vector<std::string> argv = {"/usr/bin/env", "QC_LOG_LEVEL=error", "QC_LISTEN=127.0.0.1:2",
                                   program(),      "--print-config",     file,
                                   "--listen",     "127.0.0.1:3"};
  for (const std::string& flag : Required()) argv.push_back(flag);
  const CommandResult result = RunMerged(argv);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("log_level = 'error'"), HasSubstr("listen = '127.0.0.1:3'")));
}

TEST_P(CheckConfigTest, PrintedConfigurationIsAFileThatSaysTheSame) {
  std::vector<std::string> argv = {program(), "--print-config", "--log-level=error"};
  for (const std::string& flag : Required()) argv.push_back(flag);
  const CommandResult printed = RunMerged(argv);
  ASSERT_EQ(printed.exit_code, 0);

  const CommandResult again = RunMerged({program(), "--print-config", WriteToml(printed.output)});

  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(Settings(again.output), Settings(printed.output));
  EXPECT_THAT(Settings(again.output), Contains("log_level = 'error'"));
}

INSTANTIATE_TEST_SUITE_P(Servers, CheckConfigTest,
                         testing::Values("qc-coordinator", "qc-storage-node"),
                         [](const auto& info) {
                           return absl::StrReplaceAll(info.param, {{"-", "_"}});
                         });

}  // namespace
}  // namespace quorumcache::integration
