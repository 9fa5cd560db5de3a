// SPDX-License-Identifier: Apache-2.0
// Processes, probes and tokens: what the playground is made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/child_process.h"
#include "cli/cpu_meter.h"
#include "cli/http_probe.h"
#include "cli/usual_ports_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::cli {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

// Only ever waited for in a failure.
constexpr absl::Duration kLong = absl::Seconds(30);

class ChildProcessTest : public testing::Test {
 protected:
  absl::StatusOr<ChildProcess> Shell(const std::string& script) {
    return ChildProcess::Start({"/bin/sh", "-c", script}, log_);
  }
  std::string Log() const {
    std::ifstream file(log_);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  support::TempDir directory_;
  const std::string log_ = directory_.File("log");
};

TEST_F(ChildProcessTest, OutputGoesToTheLogAndTheEndIsDescribed) {
  absl::StatusOr<ChildProcess> child = Shell("echo out; echo err >&2; exit 3");
  ASSERT_THAT(child, IsOk());

  ASSERT_TRUE(child->WaitForEnd(kLong));

  EXPECT_EQ(child->Ended(), "exit code 3");
  EXPECT_EQ(Log(), "out\nerr\n");
}

TEST_F(ChildProcessTest, SignalEndsItAndIsHarmlessAfterwards) {
  absl::StatusOr<ChildProcess> child = Shell("sleep 1000");
  ASSERT_THAT(child, IsOk());
  EXPECT_EQ(child->Ended(), std::nullopt);
  EXPECT_FALSE(child->WaitForEnd(absl::ZeroDuration()));

  child->Signal(SIGTERM);

  ASSERT_TRUE(child->WaitForEnd(kLong));
  EXPECT_THAT(*child->Ended(), HasSubstr("signal 15"));
  child->Signal(SIGTERM);
}

TEST_F(ChildProcessTest, LivesInAProcessGroupOfItsOwn) {
  absl::StatusOr<ChildProcess> child = Shell("sleep 1000 & wait");
  ASSERT_THAT(child, IsOk());
  // The child does it, between fork and exec.
  while (getpgid(child->pid()) == getpgid(0)) std::this_thread::yield();

  EXPECT_EQ(getpgid(child->pid()), child->pid());

  kill(-child->pid(), SIGKILL);
  EXPECT_TRUE(child->WaitForEnd(kLong));
}

TEST_F(ChildProcessTest, MissingProgramIsNamed) {
  EXPECT_THAT(ChildProcess::Start({directory_.File("no-such")}, log_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such")));
}

// A listening socket on a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(fd_, 5), 0);
    socklen_t size = sizeof(address);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(fd_); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // Answers one connection with `reply` and closes it.
  void Answer(const std::string& reply) const {
    const int peer = accept(fd_, nullptr, nullptr);
    char request[1024];
    EXPECT_GT(recv(peer, request, sizeof(request), 0), 0);
    EXPECT_EQ(send(peer, reply.data(), reply.size(), MSG_NOSIGNAL), ssize_t(reply.size()));
    close(peer);
  }

 private:
  int fd_;
  uint16_t port_ = 0;
};

TEST(UsualPortsTokenTest, OnlyOneHoldsIt) {
  const UsualPortsToken first;
  const UsualPortsToken second;
  // Another process of this machine may hold it just now.
  EXPECT_FALSE(second.held());
}

TEST(HttpProbeTest, StatusIsReadAndEverythingElseIsNoAnswer) {
  for (const auto& [reply, status] : std::vector<std::pair<std::string, int>>{
           {"HTTP/1.1 200 OK\r\n\r\n", 200},
           {"HTTP/1.1 503 Service Unavailable\r\n\r\nbody", 503},
           {"nonsense\r\n", 0}}) {
    Listener listener;
    std::thread server([&listener, text = reply] { listener.Answer(text); });
    EXPECT_EQ(HttpStatusOf(listener.address(), "/readyz", kLong), status) << reply;
    server.join();
  }
  EXPECT_EQ(HttpStatusOf("127.0.0.1:1", "/readyz", kLong), 0);
  EXPECT_EQ(HttpStatusOf("nonsense", "/readyz", kLong), 0);
}

TEST(CpuMeterTest, CountsThisProcessAndOthers) {
  absl::StatusOr<CpuMeter> meter = CpuMeter::Make({absl::StrCat(getppid())});
  ASSERT_THAT(meter, IsOk());
  meter->Start();
  while (meter->Read()[0].cpu < absl::Milliseconds(1)) {
  }

  ASSERT_EQ(meter->Read().size(), 2u);
  EXPECT_EQ(meter->Read()[0].process, "qcctl");
  EXPECT_THAT(meter->Read()[1].process, HasSubstr(absl::StrCat(getppid(), " ")));
}

TEST(CpuMeterTest, UnknownProcessIsRefused) {
  EXPECT_THAT(CpuMeter::Make({"0"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CpuMeter::Make({"x"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CpuMeter::Make({"2147483647"}), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace quorumcache::cli
