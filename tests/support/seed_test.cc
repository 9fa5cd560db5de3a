// SPDX-License-Identifier: Apache-2.0
#include "tests/support/seed.h"

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorumcache::support {
namespace {

// Puts the variable back as it was, so that a run under QC_TEST_SEED keeps it for later tests.
class SeedTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* value = std::getenv("QC_TEST_SEED");
    was_set_ = value != nullptr;
    if (was_set_) saved_ = value;
  }
  void TearDown() override {
    unsetenv("QC_TEST_SEED");
    if (was_set_) setenv("QC_TEST_SEED", saved_.c_str(), 1);
  }

 private:
  bool was_set_ = false;
  std::string saved_;
};

TEST_F(SeedTest, EnvironmentDecidesTheSeed) {
  setenv("QC_TEST_SEED", "18446744073709551615", 1);

  EXPECT_EQ(TestSeed(), 18446744073709551615ull);
}

TEST_F(SeedTest, SeedIsPrintedWithTheTestThatDrewIt) {
  setenv("QC_TEST_SEED", "42", 1);

  testing::internal::CaptureStdout();
  TestSeed();

  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "QC_TEST_SEED=42  # SeedTest.SeedIsPrintedWithTheTestThatDrewIt\n");
}

TEST_F(SeedTest, DrawsDifferFromCallToCall) {
  unsetenv("QC_TEST_SEED");

  EXPECT_NE(TestSeed(), TestSeed());
}

TEST_F(SeedTest, AWordIsNotASeed) {
  setenv("QC_TEST_SEED", "yes", 1);

  EXPECT_DEATH(TestSeed(), "seed_is_a_number");
}

}  // namespace
}  // namespace quorumcache::support
