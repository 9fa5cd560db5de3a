// SPDX-License-Identifier: Apache-2.0
#include "common/http/query.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::http {
namespace {

using support::StatusIs;
using testing::HasSubstr;

TEST(QueryParamsTest, PairsComeDecodedAndInOrder) {
  const auto params = QueryParams::Parse("key=a%2Fb&ttl=60s&flag&empty=");

  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Find("key"), "a/b");
  EXPECT_EQ(params->Find("ttl"), "60s");
  EXPECT_EQ(params->Find("flag"), "");
  EXPECT_EQ(params->Find("empty"), "");
  EXPECT_EQ(params->Find("other"), std::nullopt);
  EXPECT_EQ(params->pairs().size(), 4);
}

TEST(QueryParamsTest, PlusIsASpaceAsInForms) {
  const auto params = QueryParams::Parse("key=a+b%2Bc");

  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Find("key"), "a b+c");
}

TEST(QueryParamsTest, ValueKeepsItsEqualsSigns) {
  const auto params = QueryParams::Parse("key=Zg==");

  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Find("key"), "Zg==");
}

TEST(QueryParamsTest, NothingIsNoPair) {
  for (const char* nothing : {"", "&", "&&"}) {
    const auto params = QueryParams::Parse(nothing);
    ASSERT_TRUE(params.ok());
    EXPECT_TRUE(params->pairs().empty());
  }
}

TEST(QueryParamsTest, BadEncodingAndDoubleNamesAreErrors) {
  EXPECT_THAT(QueryParams::Parse("key=%zz").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("%25")));
  EXPECT_THAT(QueryParams::Parse("key=a&k%65y=b").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"key\" is there twice")));
}

}  // namespace
}  // namespace quorumcache::http
