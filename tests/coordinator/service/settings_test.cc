// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/runtime/config.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::service {
namespace {

using support::IsOk;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { AddOptions(settings_, options_); }

  Settings settings_;
  runtime::Options options_;
};

TEST_F(SettingsTest, SlowIsWhatTakesATenthOfASecondUnlessToldOtherwise) {
  EXPECT_EQ(settings_.slow_threshold_or_never(), absl::Milliseconds(100));
}

TEST_F(SettingsTest, SlowThresholdComesFromTheFileAndTheFlagWins) {
  ASSERT_THAT(runtime::ApplyToml("slow_threshold = \"250ms\"\n", "c.toml", options_), IsOk());
  EXPECT_EQ(settings_.slow_threshold_or_never(), absl::Milliseconds(250));

  ASSERT_THAT(runtime::ApplyArguments({"--slow-threshold=2s"}, options_), IsOk());
  EXPECT_EQ(settings_.slow_threshold_or_never(), absl::Seconds(2));
}

TEST_F(SettingsTest, SlowThresholdOfZeroTurnsTheLogOff) {
  ASSERT_THAT(runtime::ApplyArguments({"--slow-threshold=0"}, options_), IsOk());

  EXPECT_EQ(settings_.slow_threshold_or_never(), absl::InfiniteDuration());
}

TEST_F(SettingsTest, SlowThresholdIsALengthThatIsNotNegative) {
  for (const char* wrong : {"--slow-threshold=-1s", "--slow-threshold=fast"}) {
    EXPECT_FALSE(runtime::ApplyArguments({wrong}, options_).ok()) << wrong;
  }
}

TEST_F(SettingsTest, DefaultTimeoutMustNotBeAboveTheLongest) {
  settings_.store.topology = "file:topology";
  EXPECT_THAT(Validate(settings_), IsOk());

  settings_.default_timeout = settings_.max_timeout + absl::Milliseconds(1);
  EXPECT_FALSE(Validate(settings_).ok());
}

}  // namespace
}  // namespace quorumcache::service
