// SPDX-License-Identifier: Apache-2.0
#include "common/topology_stores/last_map_store.h"

#include <fstream>
#include <memory>
#include <string>

#include "common/topology_base/map_document.h"
#include "common/topology_file/file_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/map_reports.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_stores {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using topology::ClusterMap;
using topology::MapReports;
using topology::Next;
using topology::TestMap;

class LastMapStoreTest : public testing::Test {
 protected:
  std::string kept_path() const { return dir_.File("last-map"); }
  // The file is written after the callback; the end of the watch waits for that.
  void EndWatch() { watch_.reset(); }

  const support::TempDir dir_;
  topology_file::FileStore file_{dir_.File("map")};
  MapReports failures_;
  LastMapStore store_{file_, kept_path(),
                      [this](const absl::Status& status) { failures_.Add(status); }};
  MapReports reports_;
  std::unique_ptr<topology::TopologyWatch> watch_;
};

TEST_F(LastMapStoreTest, KeepsTheLastMapThatWasSeen) {
  ASSERT_THAT(store_.Create(TestMap()), IsOk());
  watch_ = *store_.Watch(reports_.Callback());
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(TestMap()));
  ASSERT_THAT(store_.CompareAndSet(5, Next(TestMap())), IsOk());
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(Next(TestMap())));
  EndWatch();

  EXPECT_THAT(ReadMapFile(kept_path()), IsOkAndHolds(Next(TestMap())));
}

TEST_F(LastMapStoreTest, ADamagedStoreDoesNotDamageWhatWasKept) {
  ASSERT_THAT(store_.Create(TestMap()), IsOk());
  watch_ = *store_.Watch(reports_.Callback());
  EXPECT_THAT(reports_.Take(), IsOk());
  std::ofstream(dir_.File("map")) << "torn";
  EXPECT_THAT(reports_.Take(), StatusIs(absl::StatusCode::kDataLoss));
  EndWatch();

  EXPECT_THAT(ReadMapFile(kept_path()), IsOkAndHolds(TestMap()));
}

TEST_F(LastMapStoreTest, AMapThatCannotBeKeptIsPassedOnAllTheSame) {
  LastMapStore store(file_, dir_.File("no/last-map"),
                     [this](const absl::Status& status) { failures_.Add(status); });
  ASSERT_THAT(store.Create(TestMap()), IsOk());
  watch_ = *store.Watch(reports_.Callback());

  EXPECT_THAT(reports_.Take(), IsOkAndHolds(TestMap()));
  EXPECT_THAT(failures_.Take(), StatusIs(absl::StatusCode::kUnavailable));
  watch_.reset();
}

TEST_F(LastMapStoreTest, PassesOnAllElse) {
  EXPECT_THAT(store_.Read(), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(store_.Create(TestMap()), IsOk());
  EXPECT_THAT(file_.Read(), IsOkAndHolds(TestMap()));
  const auto lease = store_.TryAcquireLease("c1");
  ASSERT_THAT(lease, IsOk());
  EXPECT_THAT(file_.TryAcquireLease("c2"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ReadMapFileTest, ReadsATopologyFileAndRefusesWhatIsNone) {
  const support::TempDir dir;
  std::ofstream(dir.File("map")) << topology_base::EncodeMapDocument(TestMap());
  std::ofstream(dir.File("other")) << "something else";

  EXPECT_THAT(ReadMapFile(dir.File("map")), IsOkAndHolds(TestMap()));
  EXPECT_THAT(ReadMapFile(dir.File("other")), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ReadMapFile(dir.File("missing")), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace quorumcache::topology_stores
