// SPDX-License-Identifier: Apache-2.0
// ClusterTest: a fixture whose tests share one real cluster and do not break it.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {

// One cluster per test suite that derives from it; tests use keys of their own.
class ClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<support::TempDir>();
    auto cluster = Playground::Start(directory_->File("cluster"), {"--namespace", "second"});
    ASSERT_THAT(cluster, support::IsOk());
    cluster_ = *std::move(cluster);
  }
  static void TearDownTestSuite() {
    cluster_.reset();
    directory_.reset();
  }

  void SetUp() override { ASSERT_NE(cluster_, nullptr); }

  static Playground& cluster() { return *cluster_; }
  static const std::string& http() { return cluster_->coordinators()[0].http; }

 private:
  static inline std::unique_ptr<support::TempDir> directory_;
  static inline std::unique_ptr<Playground> cluster_;
};

}  // namespace quorumcache::integration
