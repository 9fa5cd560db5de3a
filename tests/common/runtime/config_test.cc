// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/config.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace quorumcache::runtime {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Settings {
  std::string listen = "127.0.0.1:7401";
  absl::Duration timeout = absl::Seconds(1);
  uint64_t cache_bytes = uint64_t{64} << 20;
  int replicas = 3;
  double ratio = 0.5;
  bool insecure = false;
  std::string level = "info";
  std::vector<std::string> zones;

  friend bool operator==(const Settings&, const Settings&) = default;
};

Options OptionsOf(Settings& settings) {
  Options options;
  options.AddString("listen", &settings.listen, {.help = "Where to listen.", .short_name = 'l'});
  options.AddDuration("operation-timeout", &settings.timeout, absl::Milliseconds(1),
                      absl::Minutes(1), {.help = "How long to try."});
  options.AddByteSize("cache-size", &settings.cache_bytes, uint64_t{1} << 20, uint64_t{1} << 30,
                      {.help = "Memory."});
  options.AddInteger("replicas", &settings.replicas, 1, 7, {.help = "Copies."});
  options.AddDouble("ratio", &settings.ratio, 0, 1, {.help = "A share."});
  options.AddBool("insecure", &settings.insecure, {.help = "Trust the network."});
  options.AddChoice("level", &settings.level, {"info", "error"}, {.help = "How much to say."});
  options.AddList("zones", &settings.zones, {.help = "Where."});
  return options;
}

class ConfigTest : public testing::Test {
 protected:
  Settings settings_;
  Options options_ = OptionsOf(settings_);
};

TEST_F(ConfigTest, FlagsTakeTheirValueAfterASpaceOrAnEqualsSign) {
  EXPECT_THAT(ApplyArguments({"--listen", "a:1", "--replicas=5", "--insecure", "-la:2"}, options_),
              IsOkAndHolds(IsEmpty()));

  EXPECT_EQ(settings_.listen, "a:2");
  EXPECT_EQ(settings_.replicas, 5);
  EXPECT_TRUE(settings_.insecure);
}

TEST_F(ConfigTest, WhatIsNoFlagIsHandedBackInOrder) {
  EXPECT_THAT(ApplyArguments({"get", "--replicas", "2", "-5", "-", "--", "--key"}, options_),
              IsOkAndHolds(ElementsAre("get", "-5", "-", "--key")));
}

TEST_F(ConfigTest, RepeatedListFlagsAddUp) {
  settings_.zones = {"default"};

  EXPECT_THAT(ApplyArguments({"--zones", "a,b", "--zones", "c"}, options_), IsOk());
  EXPECT_THAT(settings_.zones, ElementsAre("a", "b", "c"));

  // A second pass over the same flags (after the file was read) changes nothing.
  EXPECT_THAT(ApplyArguments({"--zones", "a,b", "--zones", "c"}, options_), IsOk());
  EXPECT_THAT(settings_.zones, ElementsAre("a", "b", "c"));
}

TEST_F(ConfigTest, UnknownFlagIsAnErrorWithASuggestion) {
  EXPECT_THAT(ApplyArguments({"--replica", "3"}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean --replicas")));
  EXPECT_THAT(ApplyArguments({"--nonsense"}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument, "unknown flag --nonsense"));
  EXPECT_THAT(ApplyArguments({"-x"}, options_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConfigTest, FlagWithoutItsValueIsAnError) {
  EXPECT_THAT(ApplyArguments({"--listen"}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument, "--listen needs a value"));
}

TEST_F(ConfigTest, BadValueNamesOptionRangeAndSource) {
  EXPECT_THAT(ApplyArguments({"--replicas", "8"}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "--replicas: 8 is out of range; expected 1 to 7"));
  EXPECT_THAT(ApplyEnvironment({{"QC_OPERATION_TIMEOUT", "5"}}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--operation-timeout"), HasSubstr("1ms to 1m"),
                             HasSubstr("from QC_OPERATION_TIMEOUT"))));
  EXPECT_THAT(ApplyToml("\ncache_size = \"2GiB\"", "qc.toml", options_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--cache-size"), HasSubstr("1MiB to 1GiB"),
                             HasSubstr("from qc.toml:2"))));
  EXPECT_THAT(ApplyArguments({"--level", "loud"}, options_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected info, error")));
  EXPECT_EQ(settings_, Settings());
}

TEST_F(ConfigTest, StrongerSourcesWin) {
  ASSERT_THAT(ApplyToml("replicas = 2\nratio = 0.25\nlisten = \"toml:1\"", "f", options_), IsOk());
  ASSERT_THAT(ApplyEnvironment({{"QC_REPLICAS", "4"}, {"QC_RATIO", "1"}}, options_), IsOk());
  ASSERT_THAT(ApplyArguments({"--replicas", "6"}, options_), IsOk());

  EXPECT_EQ(settings_.replicas, 6);
  EXPECT_EQ(settings_.ratio, 1.0);
  EXPECT_EQ(settings_.listen, "toml:1");
  EXPECT_EQ(options_.Find("replicas")->source, "--replicas");
  EXPECT_EQ(options_.Find("ratio")->source, "QC_RATIO");
  EXPECT_EQ(options_.Find("listen")->source, "f:3");
  EXPECT_EQ(options_.Find("insecure")->source, "default");
}

TEST_F(ConfigTest, NearMissInTheEnvironmentIsAWarningAndTheRestIsIgnored) {
  EXPECT_THAT(ApplyEnvironment({{"QC_LISTENN", "x"}, {"QC_BIN_DIR", "y"}, {"PATH", "z"}}, options_),
              IsOkAndHolds(ElementsAre(AllOf(HasSubstr("QC_LISTENN"), HasSubstr("QC_LISTEN?")))));
}

TEST_F(ConfigTest, UnknownTomlKeyIsAnError) {
  EXPECT_THAT(ApplyToml("listn = \"a\"", "qc.toml", options_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "unknown key listn (from qc.toml:1); did you mean listen?"));
}

TEST_F(ConfigTest, WrongTomlTypeAndBadSyntaxAreErrors) {
  for (const char* bad :
       {"replicas = \"3\"", "listen = 1", "operation_timeout = 5", "insecure = 1", "zones = \"a\"",
        "zones = [1]", "cache_size = 1.5", "replicas = [3]", "[listen]\na = 1"}) {
    EXPECT_THAT(ApplyToml(bad, "f", options_),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be")))
        << bad;
  }
  EXPECT_THAT(ApplyToml("replicas 3", "f", options_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("f:1: not valid TOML")));
}

TEST_F(ConfigTest, PrintedConfigurationReadsBackAsItself) {
  ASSERT_THAT(ApplyArguments({"--listen", "quote\"back\\slash\tand\nline", "--replicas", "7",
                              "--operation-timeout", "1500ms", "--cache-size", "3MB", "--ratio",
                              "0.1", "--insecure", "--level", "error", "--zones", "a,b c"},
                             options_),
              IsOk());
  Settings other;
  Options other_options = OptionsOf(other);

  ASSERT_THAT(ApplyToml(PrintToml(options_), "printed", other_options), IsOk());

  EXPECT_EQ(other, settings_) << PrintToml(options_);
}

TEST_F(ConfigTest, HelpShowsRangeAndDefault) {
  const std::string help = PrintOptionsHelp(options_);

  EXPECT_THAT(help, HasSubstr("-l, --listen TEXT"));
  EXPECT_THAT(help, HasSubstr("Accepts 1ms to 1m. Default 1s."));
}

// Arguments as main gets them.
std::optional<int> Configure(std::vector<std::string> arguments, Options& options,
                             absl::Status verdict = absl::OkStatus()) {
  arguments.insert(arguments.begin(), "qc-test");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return ConfigureServer({.name = "qc-test", .summary = "Tests."}, static_cast<int>(argv.size()),
                         argv.data(), options, [verdict] { return verdict; });
}

TEST_F(ConfigTest, ServerGoesOnWithGoodOptionsAndExitsAfterQuestions) {
  EXPECT_EQ(Configure({"--replicas", "5"}, options_), std::nullopt);
  EXPECT_EQ(settings_.replicas, 5);
  for (const char* question : {"--help", "-h", "--version", "--check-config", "--print-config"}) {
    EXPECT_EQ(Configure({question}, options_), 0) << question;
  }
}

TEST_F(ConfigTest, ServerRefusesBadOptionsStrayArgumentsAndMissingFiles) {
  EXPECT_EQ(Configure({"--replicas", "50"}, options_), 2);
  EXPECT_EQ(Configure({"stray"}, options_), 2);
  EXPECT_EQ(Configure({"--config", "no-such-file.toml"}, options_), 2);
  EXPECT_EQ(Configure({"--check-config"}, options_, absl::InvalidArgumentError("no")), 2);
}

}  // namespace
}  // namespace quorumcache::runtime
