// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/resumer.h"

#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorumcache::engine_rocksdb {
namespace {

using testing::HasSubstr;

class ResumerTest : public testing::Test {
 protected:
  ResumerTest() { health_.Worsen(Health::State::kDiskFull, "no space"); }

  Resumer::Parts Parts(absl::Duration patience) {
    return {.resume =
                [this] {
                  ++resumes_;
                  while (waits_) std::this_thread::yield();
                  return succeeds_.load();
                },
            .cancel = [this] { waits_ = false; },
            .patience = patience};
  }
  void AwaitEnd(const Resumer& resumer) {
    while (resumer.is_running()) std::this_thread::yield();
  }

  Health health_;
  std::atomic<int> resumes_{0};
  std::atomic<bool> waits_{false};
  std::atomic<bool> succeeds_{true};
};

TEST_F(ResumerTest, WritesGoOnAfterOneThatSucceeds) {
  Resumer resumer(Parts(absl::InfiniteDuration()), &health_);
  resumer.Run();
  AwaitEnd(resumer);

  EXPECT_EQ(health_.state(), Health::State::kWritable);
}

TEST_F(ResumerTest, OneThatFailsIsTriedAgain) {
  succeeds_ = false;
  Resumer resumer(Parts(absl::InfiniteDuration()), &health_);
  resumer.Run();
  AwaitEnd(resumer);
  EXPECT_EQ(health_.state(), Health::State::kDiskFull);

  succeeds_ = true;
  resumer.Run();
  AwaitEnd(resumer);
  EXPECT_EQ(health_.state(), Health::State::kWritable);
  EXPECT_EQ(resumes_, 2);
}

TEST_F(ResumerTest, OneAtATime) {
  waits_ = true;
  Resumer resumer(Parts(absl::InfiniteDuration()), &health_);
  for (int i = 0; i < 3; ++i) resumer.Run();
  EXPECT_EQ(health_.state(), Health::State::kDiskFull);
  waits_ = false;
  AwaitEnd(resumer);

  EXPECT_EQ(resumes_, 1);
}

TEST_F(ResumerTest, OneThatNeverReturnsIsSaidToNeedARestartAndCanBeEnded) {
  waits_ = true;
  {
    Resumer resumer(Parts(absl::ZeroDuration()), &health_);
    resumer.Run();
    resumer.Run();

    EXPECT_EQ(health_.state(), Health::State::kReadOnly);
    EXPECT_THAT(std::string(health_.ToStatus().message()), HasSubstr("until a restart"));
    EXPECT_TRUE(resumer.is_running());
  }
  EXPECT_FALSE(waits_) << "cancelled";
}

}  // namespace
}  // namespace quorumcache::engine_rocksdb
