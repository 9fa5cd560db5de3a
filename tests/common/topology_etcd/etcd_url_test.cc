// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_url.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::topology_etcd {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(EtcdUrlTest, NamesEndpointsAndPrefix) {
  const auto url = ParseEtcdUrl("etcd://a:2379,10.0.0.1:1,[::1]:65535/team/cache-1/");
  ASSERT_THAT(url, IsOk());

  EXPECT_FALSE(url->has_tls);
  EXPECT_THAT(url->endpoints, ElementsAre("a:2379", "10.0.0.1:1", "[::1]:65535"));
  EXPECT_EQ(url->MapKey(), "/team/cache-1/map");
  EXPECT_EQ(url->LeaseKey(), "/team/cache-1/lease");
}

TEST(EtcdUrlTest, WithoutAPrefixItIsOurName) {
  for (const char* text : {"etcds://a:2379", "etcds://a:2379/"}) {
    const auto url = ParseEtcdUrl(text);
    ASSERT_THAT(url, IsOk());
    EXPECT_TRUE(url->has_tls);
    EXPECT_EQ(url->prefix, "/quorumcache");
  }
}

TEST(EtcdUrlTest, WriterMarksAreBoundedInNumberAndDifferFromEpochToEpoch) {
  const EtcdUrl url{.prefix = "/p"};
  EXPECT_NE(url.WriterKey(7), url.WriterKey(8));
  EXPECT_EQ(url.WriterKey(7), url.WriterKey(7 + 64));
}

TEST(EtcdUrlTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://a:2379", "does not begin with etcd://"},
      {"etcd://", "\"\" is no HOST:PORT"},
      {"etcd:///prefix", "\"\" is no HOST:PORT"},
      {"etcd://a", "\"a\" is no HOST:PORT"},
      {"etcd://:2379", "\":2379\" is no HOST:PORT"},
      {"etcd://a:0", "\"a:0\" is no HOST:PORT"},
      {"etcd://a:65536", "\"a:65536\" is no HOST:PORT"},
      {"etcd://a:1,,b:1", "\"\" is no HOST:PORT"},
      {"etcd://user:secret@a:1", "is no HOST:PORT"},
      {"etcd://a:1/pre fix", "letters, digits"},
      {"etcd://a:1?x=y", "is no HOST:PORT"},
  };
  for (const auto& [url, what] : cases) {
    EXPECT_THAT(ParseEtcdUrl(url), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)))
        << url;
  }
  EXPECT_THAT(ParseEtcdUrl("etcd://a:1/" + std::string(300, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too long")));
}

}  // namespace
}  // namespace quorumcache::topology_etcd
