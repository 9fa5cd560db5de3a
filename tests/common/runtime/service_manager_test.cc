// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/support/notify_socket.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::runtime {
namespace {

using support::IsOk;
using support::StatusIs;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);

TEST(ServiceManagerTest, NothingHappensWithoutASocket) {
  const ServiceManager manager("");
  EXPECT_THAT(manager.Ready("serving"), IsOk());
  EXPECT_THAT(manager.Waiting("for the store"), IsOk());
  EXPECT_THAT(manager.Stopping(), IsOk());
}

TEST(ServiceManagerTest, EachStepIsOneMessage) {
  support::TempDir directory;
  support::NotifySocket systemd(directory.File("notify"));
  const ServiceManager manager(directory.File("notify"));

  ASSERT_THAT(manager.Waiting("for the store"), IsOk());
  ASSERT_THAT(manager.Ready("serving on port 7400"), IsOk());
  ASSERT_THAT(manager.Stopping(), IsOk());

  EXPECT_EQ(systemd.Receive(kPatience), "STATUS=for the store");
  EXPECT_EQ(systemd.Receive(kPatience), "READY=1\nSTATUS=serving on port 7400");
  EXPECT_EQ(systemd.Receive(kPatience), "STOPPING=1\nSTATUS=stopping");
}

// systemd itself listens on a path, containers and user sessions on abstract names too.
TEST(ServiceManagerTest, AbstractSocketIsReached) {
  const std::string name = absl::StrCat("@qc-notify-", getpid());
  support::NotifySocket systemd(name);

  ASSERT_THAT(ServiceManager(name).Ready("serving"), IsOk());

  EXPECT_EQ(systemd.Receive(kPatience), "READY=1\nSTATUS=serving");
}

TEST(ServiceManagerTest, LineBreakInAStatusCannotForgeAMessage) {
  support::TempDir directory;
  support::NotifySocket systemd(directory.File("notify"));

  ASSERT_THAT(ServiceManager(directory.File("notify")).Waiting("no map\nREADY=1"), IsOk());

  EXPECT_EQ(systemd.Receive(kPatience), "STATUS=no map READY=1");
}

TEST(ServiceManagerTest, ManagerThatIsGoneIsAnErrorThatNamesTheSocket) {
  support::TempDir directory;
  EXPECT_THAT(ServiceManager(directory.File("nobody")).Ready("serving"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("nobody")));
}

TEST(ServiceManagerTest, SocketThatCannotBeOneIsAnError) {
  for (const std::string& socket : {std::string("relative"), std::string(200, '/')}) {
    EXPECT_THAT(ServiceManager(socket).Ready("serving"),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("NOTIFY_SOCKET")))
        << socket;
  }
}

TEST(ServiceManagerTest, EnvironmentNamesTheSocket) {
  support::TempDir directory;
  support::NotifySocket systemd(directory.File("notify"));
  ASSERT_EQ(setenv("NOTIFY_SOCKET", directory.File("notify").c_str(), 1), 0);

  EXPECT_THAT(ServiceManager::FromEnvironment().Ready("serving"), IsOk());

  ASSERT_EQ(unsetenv("NOTIFY_SOCKET"), 0);
  EXPECT_THAT(ServiceManager::FromEnvironment().Ready("again"), IsOk());
  EXPECT_EQ(systemd.Receive(kPatience), "READY=1\nSTATUS=serving");
  EXPECT_EQ(systemd.Receive(absl::ZeroDuration()), "");
}

}  // namespace
}  // namespace quorumcache::runtime
