// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "tests/support/socket_owner.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::support {
namespace {

// Only ever waited for in a failure.
constexpr int kTimeoutMs = 10'000;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool IsReadable(int descriptor, int timeout_ms) {
  pollfd waited{descriptor, POLLIN, 0};
  return poll(&waited, 1, timeout_ms) == 1;
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  static Socket ConnectedTo(uint16_t port) {
    Socket made(socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = Loopback(port);
    connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    return made;
  }

  void Close() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }
  void Send(const std::string& text) {
    EXPECT_EQ(send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // Exactly so many bytes; fewer only where the connection ends: "END" or "RESET" stands for that.
  std::string Receive(size_t size) {
    std::string all;
    while (all.size() < size) {
      if (!IsReadable(descriptor_, kTimeoutMs)) return all + "TIMEOUT";
      char buffer[4096];
      const ssize_t got = recv(descriptor_, buffer, std::min(sizeof(buffer), size - all.size()), 0);
      if (got == 0) return all + "END";
      if (got < 0) return all + "RESET";
      all.append(buffer, static_cast<size_t>(got));
    }
    return all;
  }
  bool HasNothing() const { return !IsReadable(descriptor_, 0); }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// A server that accepts by hand, behind a door "n1" for the source "c1" (or what `source_` says).
class TcpProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    auto proxy = TcpProxy::Start([this](const TcpProxy::Peer& peer) {
      seen_ = peer;
      return source_;
    });
    ASSERT_THAT(proxy, IsOk());
    proxy_ = *std::move(proxy);
    ASSERT_THAT(proxy_->Open("n1"), IsOk());
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(server_.descriptor(), raw, size), 0);
    ASSERT_EQ(listen(server_.descriptor(), 16), 0);
    ASSERT_EQ(getsockname(server_.descriptor(), raw, &size), 0);
    proxy_->SetTarget("n1", ntohs(address.sin_port));
  }

  uint16_t Door() const {
    uint32_t port = 0;
    const std::string address = proxy_->Address("n1");
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    return static_cast<uint16_t>(port);
  }

  // A client and the server's end of its connection.
  std::pair<Socket, Socket> Connect() {
    Socket client = Socket::ConnectedTo(Door());
    EXPECT_TRUE(IsReadable(server_.descriptor(), kTimeoutMs));
    return {std::move(client), Socket(accept(server_.descriptor(), nullptr, nullptr))};
  }

  std::string source_ = "c1";
  TcpProxy::Peer seen_;
  Socket server_{socket(AF_INET, SOCK_STREAM, 0)};
  std::unique_ptr<TcpProxy> proxy_;
  const Link link_{"c1", "n1"};
};

TEST_F(TcpProxyTest, PassesBytesBothWays) {
  auto [client, server] = Connect();

  client.Send("question");
  EXPECT_EQ(server.Receive(8), "question");
  server.Send("answer");
  EXPECT_EQ(client.Receive(6), "answer");
}

TEST_F(TcpProxyTest, PassesMoreThanTheSocketsHold) {
  auto [client, server] = Connect();
  const std::string much(3 << 20, 'x');
  std::thread sender([&client = client, &much] { client.Send(much); });

  EXPECT_EQ(server.Receive(much.size()), much);
  sender.join();
}

TEST_F(TcpProxyTest, OrderlyEndOfOneSideLeavesTheOtherOpen) {
  auto [client, server] = Connect();

  shutdown(client.descriptor(), SHUT_WR);
  EXPECT_EQ(server.Receive(1), "END");
  server.Send("late");
  EXPECT_EQ(client.Receive(4), "late");
}

TEST_F(TcpProxyTest, OneWayCutHoldsOneDirectionOnlyAndDeliversWhenItEnds) {
  auto [client, server] = Connect();

  proxy_->SetRules(link_, {.hold_backward = true});
  client.Send("question");
  ASSERT_EQ(server.Receive(8), "question");
  server.Send("answer");
  client.Send("more");
  // Later than the answer through the same proxy: it had its turn.
  ASSERT_EQ(server.Receive(4), "more");
  EXPECT_TRUE(client.HasNothing());
  proxy_->SetRules(link_, {});

  EXPECT_EQ(client.Receive(6), "answer");
}

TEST_F(TcpProxyTest, HeldConnectionHidesThatItsPeerIsGone) {
  auto [client, server] = Connect();
  auto [witness, witness_server] = Connect();
  proxy_->SetRules(link_, {.hold_backward = true});

  server.Close();
  witness.Send("turn");
  ASSERT_EQ(witness_server.Receive(4), "turn");
  EXPECT_TRUE(client.HasNothing());
  proxy_->Heal();

  EXPECT_EQ(client.Receive(1), "END");
}

TEST_F(TcpProxyTest, RulesOfAnotherLinkDoNotMatter) {
  auto [client, server] = Connect();
  proxy_->SetRules({"c2", "n1"}, {.hold_forward = true, .hold_backward = true});

  client.Send("question");

  EXPECT_EQ(server.Receive(8), "question");
}

TEST_F(TcpProxyTest, DelayedBytesArriveWholeAndNotBeforeTheirTime) {
  auto [client, server] = Connect();
  constexpr absl::Duration kDelay = absl::Milliseconds(50);
  proxy_->SetRules(link_, {.delay_forward = kDelay});
  const absl::Time start = absl::Now();

  client.Send("question");

  EXPECT_EQ(server.Receive(8), "question");
  EXPECT_GE(absl::Now() - start, kDelay);
}

TEST_F(TcpProxyTest, ResetBreaksBothEndsAndLosesWhatWasHeld) {
  auto [client, server] = Connect();
  proxy_->SetRules(link_, {.hold_forward = true});
  client.Send("lost");

  proxy_->Reset(link_);

  EXPECT_EQ(client.Receive(1), "RESET");
  EXPECT_EQ(server.Receive(4), "RESET");
  proxy_->Heal();
  auto [again, server_again] = Connect();
  again.Send("new");
  EXPECT_EQ(server_again.Receive(3), "new");
}

TEST_F(TcpProxyTest, RefusedAndTargetlessConnectionsAreReset) {
  proxy_->SetRules(link_, {.refuse = true});
  Socket refused = Socket::ConnectedTo(Door());
  EXPECT_THAT(refused.Receive(1), testing::AnyOf("RESET", "END"));
  proxy_->Heal();
  proxy_->SetTarget("n1", 0);

  Socket nowhere = Socket::ConnectedTo(Door());

  EXPECT_THAT(nowhere.Receive(1), testing::AnyOf("RESET", "END"));
  EXPECT_EQ(proxy_->AcceptedCount(), 2u);
}

TEST_F(TcpProxyTest, TargetThatIsGoneIsAReset) {
  server_.Close();

  Socket client = Socket::ConnectedTo(Door());

  EXPECT_THAT(client.Receive(1), testing::AnyOf("RESET", "END"));
}

TEST_F(TcpProxyTest, SourceIsToldWhoseConnectionItIs) {
  auto [client, server] = Connect();
  client.Send("x");
  ASSERT_EQ(server.Receive(1), "x");

  EXPECT_EQ(seen_.door, "n1");
  EXPECT_EQ(SocketOwner(seen_.source_port, seen_.door_port, {1, getpid()}), getpid());
  EXPECT_EQ(SocketOwner(seen_.source_port, seen_.door_port, {}), std::nullopt);
  EXPECT_EQ(SocketOwner(seen_.door_port, 1, {getpid()}), std::nullopt);
}

}  // namespace
}  // namespace quorumcache::support
