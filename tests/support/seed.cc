// SPDX-License-Identifier: Apache-2.0
#include "tests/support/seed.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"
#include "common/base/check.h"
#include "gtest/gtest.h"

namespace quorumcache::support {
namespace {

uint64_t ReadOrDrawSeed() {
  const char* text = std::getenv("QC_TEST_SEED");
  if (text == nullptr) {
    std::random_device device;
    return (uint64_t{device()} << 32) | device();
  }
  uint64_t seed = 0;
  const bool seed_is_a_number = absl::SimpleAtoi(text, &seed);
  QC_CHECK(seed_is_a_number);
  return seed;
}

}  // namespace

uint64_t TestSeed() {
  const uint64_t seed = ReadOrDrawSeed();
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  std::printf("QC_TEST_SEED=%llu  # %s.%s\n", static_cast<unsigned long long>(seed),
              test == nullptr ? "" : test->test_suite_name(), test == nullptr ? "" : test->name());
  // A crash must not swallow the line that replays it.
  std::fflush(stdout);
  return seed;
}

}  // namespace quorumcache::support
