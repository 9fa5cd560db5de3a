// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/help.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

Outcome Qcctl(const std::vector<std::string>& arguments, const runtime::Environment& env = {}) {
  CaptureStdout();
  CaptureStderr();
  const int exit_code = RunQcctl(arguments, env);
  return {exit_code, GetCapturedStdout(), GetCapturedStderr()};
}

TEST(RunTest, NoCommandIsAUsageError) {
  const Outcome outcome = Qcctl({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("playground"));
}

TEST(RunTest, UnknownCommandsAndFlagsAreUsageErrorsWithSuggestions) {
  Outcome outcome = Qcctl({"gte", "k"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean get?"));

  outcome = Qcctl({"get", "k", "--endpoint", "a:1"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean --endpoints?"));

  outcome = Qcctl({"node"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("node list"));
}

TEST(RunTest, WrongNumberOfArgumentsIsAUsageError) {
  EXPECT_EQ(Qcctl({"get"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"get", "a", "b"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"set", "k"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"touch", "k"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"incr", "k", "x"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"set", "k", "v", "--if-absent", "--if-present"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"playground"}).exit_code, 2);
  EXPECT_EQ(Qcctl({"replay", "f", "--value-cluster", "5"}).exit_code, 2);
}

TEST(RunTest, BadEnvironmentNamesTheVariable) {
  const Outcome outcome = Qcctl({"get", "k"}, {{"QC_TIMEOUT", "soon"}});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("QC_TIMEOUT"));
}

TEST(RunTest, EndpointsComeFromTheEnvironmentAndUnreachableOnesAreExitCode5) {
  const Outcome outcome =
      Qcctl({"get", "k"}, {{"QC_ENDPOINTS", "127.0.0.1:1"}, {"QC_TIMEOUT", "100ms"}});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("127.0.0.1:1"));
}

TEST(RunTest, DataGoesToStandardOutput) {
  const Outcome outcome = Qcctl({"version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("qcctl 0."));
  EXPECT_EQ(outcome.err, "");
}

TEST(RunTest, EveryCommandHasHelp) {
  for (const CommandEntry& entry : Commands()) {
    std::vector<std::string> words = {"help"};
    const size_t space = entry.name.find(' ');
    words.push_back(entry.name.substr(0, space));
    if (space != std::string::npos) words.push_back(entry.name.substr(space + 1));
    const Outcome outcome = Qcctl(words);
    EXPECT_EQ(outcome.exit_code, 0) << entry.name;
    EXPECT_THAT(outcome.out, HasSubstr("usage: qcctl " + entry.name));
  }
  EXPECT_THAT(Qcctl({"set", "--help"}).out, HasSubstr("--ttl DURATION"));
}

TEST(CompletionTest, BashAcceptsTheScriptAndCompletes) {
  support::TempDir directory;
  const std::string script = directory.File("completion.bash");
  FILE* file = std::fopen(script.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs(BashCompletion(Commands()).c_str(), file);
  // What bash does after `qcctl node l<TAB>` and `qcctl set k --tt<TAB>`.
  std::fputs(
      "COMP_WORDS=(qcctl node l); COMP_CWORD=2; _qcctl; [ \"${COMPREPLY[*]}\" = list ] || exit 1\n"
      "COMP_WORDS=(qcctl set k --tt); COMP_CWORD=3; _qcctl\n"
      "[ \"${COMPREPLY[*]}\" = --ttl ] || exit 2\n"
      "COMP_WORDS=(qcctl play); COMP_CWORD=1; _qcctl\n"
      "[ \"${COMPREPLY[*]}\" = playground ] || exit 3\n",
      file);
  std::fclose(file);
  EXPECT_EQ(std::system(absl::StrCat("bash ", script).c_str()), 0);
}

}  // namespace
}  // namespace quorumcache::cli
