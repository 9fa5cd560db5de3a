// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/free_ports.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/runtime/random_bits.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::runtime {
namespace {

using support::StatusIs;

TEST(FreePortsTest, ListeningPortIsTaken) {
  const uint16_t port = PortPicker(RandomNonZero64()).Any().value();
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(fd, 5), 0);

  EXPECT_FALSE(CanListen(port));
  close(fd);
  EXPECT_TRUE(CanListen(port));
}

TEST(FreePortsTest, PortIsNoneOfAnOutgoingConnection) {
  PortPicker picker(1, [](uint16_t) { return true; });
  for (int i = 0; i < 1000; ++i) {
    const uint16_t port = picker.Any().value();
    EXPECT_GE(port, 10000);
    EXPECT_LT(port, 32768);
  }
}

TEST(FreePortsTest, NothingIsGivenTwice) {
  PortPicker picker(1, [](uint16_t) { return true; });
  picker.Exclude(7401);
  EXPECT_FALSE(picker.Reserve(7401));
  EXPECT_TRUE(picker.Reserve(7402));
  EXPECT_FALSE(picker.Reserve(7402));
}

TEST(FreePortsTest, SearchEndsWhenNothingIsFree) {
  PortPicker picker(1, [](uint16_t) { return false; });
  EXPECT_THAT(picker.Any(), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace quorumcache::runtime
