// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/listen_address.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace quorumcache::runtime {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

TEST(ListenAddressTest, HostsAndPortsAreToldApart) {
  ASSERT_THAT(ParseHostPort("[::1]:7401"), IsOk());
  EXPECT_EQ(ParseHostPort("[::1]:7401")->host, "::1");
  EXPECT_EQ(ParseHostPort("cache-1.example:80")->host, "cache-1.example");
  EXPECT_EQ(ParseHostPort("127.0.0.1:0")->port, 0);
  for (const char* bad :
       {"", ":", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "[]:1"}) {
    EXPECT_THAT(ParseHostPort(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(ListenAddressTest, LoopbackNeedsNoPermission) {
  for (const char* local : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_THAT(CheckListenAddress("listen", local, false), IsOk()) << local;
  }
}

TEST(ListenAddressTest, ReachableAddressNeedsInsecure) {
  for (const char* open : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "example.org:1", "128.0.0.1:1"}) {
    EXPECT_THAT(CheckListenAddress("listen", open, false),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--insecure")))
        << open;
    EXPECT_THAT(CheckListenAddress("listen", open, true), IsOk()) << open;
  }
}

TEST(ListenAddressTest, MalformedAddressIsRefusedEvenWhenInsecure) {
  EXPECT_THAT(CheckListenAddress("http-listen", "nonsense", true),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--http-listen")));
}

}  // namespace
}  // namespace quorumcache::runtime
