// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/page_token.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/random.h"

namespace quorumcache::service {
namespace {

TEST(PageTokenTest, ReadsBackWhatItWrote) {
  base::Random random(1);
  for (int i = 0; i < 1000; ++i) {
    ScanPosition position;
    position.partition = static_cast<uint32_t>(random.Next());
    position.after.resize(random.Uniform(300));
    for (char& c : position.after) c = static_cast<char>(random.Next());

    const auto parsed = ParsePageToken(FormatPageToken(position));

    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->partition, position.partition);
    EXPECT_EQ(parsed->after, position.after);
  }
}

TEST(PageTokenTest, EmptyTokenIsTheBeginning) {
  const auto parsed = ParsePageToken("");

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->partition, 0);
  EXPECT_EQ(parsed->after, "");
}

TEST(PageTokenTest, OtherTextIsNoToken) {
  EXPECT_FALSE(ParsePageToken("x"));
  EXPECT_FALSE(ParsePageToken("!!!!"));
  EXPECT_FALSE(ParsePageToken("AgAAAAA"));  // version 2
  EXPECT_FALSE(ParsePageToken(std::string(10'000, 'A')));
}

}  // namespace
}  // namespace quorumcache::service
