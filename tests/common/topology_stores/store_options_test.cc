// SPDX-License-Identifier: Apache-2.0
#include "common/topology_stores/store_options.h"

#include <fstream>

#include "common/topology_stores/open_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::topology_stores {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

auto RefusedBecause(const char* what) {
  return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what));
}

TEST(StoreOptionsTest, AFileOrAnEtcdIsAStore) {
  for (const char* topology :
       {"file:map", "file:/var/lib/map", "etcd://a:1", "etcds://a:1,b:2/p"}) {
    EXPECT_THAT(CheckStoreOptions({.topology = topology}), IsOk()) << topology;
  }
}

TEST(StoreOptionsTest, AnythingElseIsNamed) {
  EXPECT_THAT(CheckStoreOptions({}), RefusedBecause("--topology is required"));
  EXPECT_THAT(CheckStoreOptions({.topology = "file:"}), RefusedBecause("neither file:PATH nor"));
  EXPECT_THAT(CheckStoreOptions({.topology = "/map"}), RefusedBecause("\"/map\" is neither"));
  EXPECT_THAT(CheckStoreOptions({.topology = "etcd://nowhere"}),
              RefusedBecause("\"nowhere\" is no HOST:PORT"));
}

TEST(StoreOptionsTest, WhatWouldHaveNoEffectIsRefused) {
  EXPECT_THAT(CheckStoreOptions({.topology = "etcd://a:1", .etcd_ca = "ca.pem"}),
              RefusedBecause("are for --topology etcds://"));
  EXPECT_THAT(CheckStoreOptions({.topology = "etcds://a:1", .etcd_cert = "c.pem"}),
              RefusedBecause("--etcd-cert and --etcd-key belong together"));
  EXPECT_THAT(CheckStoreOptions({.topology = "etcd://a:1", .etcd_user = "u"}),
              RefusedBecause("belong together"));
  EXPECT_THAT(
      CheckStoreOptions({.topology = "file:map", .etcd_user = "u", .etcd_password_file = "p"}),
      RefusedBecause("--etcd-user is for"));
}

TEST(OpenStoreTest, AFileThatCannotBeReadIsNamed) {
  const support::TempDir dir;
  EXPECT_THAT(OpenStore({.topology = "etcds://a:1", .etcd_ca = dir.File("ca.pem")}, 1),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--etcd-ca: cannot read ")));
  std::ofstream(dir.File("empty")).flush();
  EXPECT_THAT(
      OpenStore(
          {.topology = "etcd://a:1", .etcd_user = "u", .etcd_password_file = dir.File("empty")}, 1),
      RefusedBecause("is empty"));
}

TEST(OpenStoreTest, NothingIsAskedUntilItIsUsed) {
  const support::TempDir dir;
  // Nobody listens on port 1.
  EXPECT_THAT(OpenStore({.topology = "etcd://127.0.0.1:1"}, 1), IsOk());
  const auto store = OpenStore({.topology = "file:" + dir.File("map")}, 1);
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT((*store)->Read(), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace quorumcache::topology_stores
