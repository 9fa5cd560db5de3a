// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "common/topology/cluster_map.h"
#include "common/topology_base/map_document.h"
#include "common/topology_file/file_io.h"
#include "common/topology_file/file_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/map_reports.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_file {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;
using topology::ClusterMap;
using topology::Next;
using topology::TestMap;

ClusterMap MapAt(uint64_t epoch) {
  ClusterMap map = TestMap();
  map.epoch = epoch;
  return map;
}

class FileWatchTest : public testing::Test {
 protected:
  std::string path() const { return dir_.File("map"); }
  void Put(const ClusterMap& map) {
    ASSERT_THAT(ReplaceFile(path(), topology_base::EncodeMapDocument(map)), IsOk());
  }
  void Watch() {
    watch_ = *store_.Watch([this](const auto& report) { reports_.Add(report); });
  }

  const support::TempDir dir_;
  topology::MapReports reports_;
  // The watch must see everything by inotify: this is past the time-out of a test.
  FileStore store_{path(), {.recheck_interval = absl::Minutes(10)}};
  std::unique_ptr<topology::TopologyWatch> watch_;
};

TEST_F(FileWatchTest, ReportsThePresentMapFirst) {
  Put(MapAt(5));
  Watch();
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(5)));
}

TEST_F(FileWatchTest, ReportsEveryChangeOfTheStore) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  for (uint64_t epoch = 6; epoch < 12; ++epoch) {
    ASSERT_THAT(store_.CompareAndSet(epoch - 1, MapAt(epoch)), IsOk());
    EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(epoch)));
  }
}

TEST_F(FileWatchTest, SeesWhatAnotherStoreObjectDoes) {
  Watch();
  EXPECT_THAT(reports_.Take(), StatusIs(absl::StatusCode::kNotFound));

  ASSERT_THAT(FileStore(path()).Create(MapAt(1)), IsOk());

  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(1)));
}

TEST_F(FileWatchTest, EpochsOnlyGrowWhenChangesComeFast) {
  Put(MapAt(1));
  Watch();
  for (uint64_t epoch = 2; epoch <= 100; ++epoch) Put(MapAt(epoch));

  uint64_t last = 0;
  while (last < 100) {
    const auto report = reports_.Take();
    ASSERT_THAT(report, IsOk());
    ASSERT_GT(report->epoch, last);
    last = report->epoch;
  }
  EXPECT_TRUE(reports_.empty());
}

TEST_F(FileWatchTest, ReportsATornFileOnceAndThenTheMendedOne) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  ASSERT_THAT(ReplaceFile(path(), topology_base::EncodeMapDocument(MapAt(6)).substr(0, 200)),
              IsOk());
  EXPECT_THAT(reports_.Take(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("cut off")));
  ASSERT_THAT(ReplaceFile(path(), topology_base::EncodeMapDocument(MapAt(6)).substr(0, 200)),
              IsOk());
  Put(MapAt(7));
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(7)));
}

TEST_F(FileWatchTest, ReportsARemovedFile) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  std::filesystem::remove(path());
  EXPECT_THAT(reports_.Take(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FileWatchTest, ReportsAnEditInPlace) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  std::ofstream(path(), std::ios::app) << "more";
  EXPECT_THAT(reports_.Take(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("too long")));
}

TEST_F(FileWatchTest, ReportsAnOldCopyPutBack) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  Put(MapAt(4));
  EXPECT_THAT(reports_.Take(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("went back from 5 to 4")));
}

TEST_F(FileWatchTest, ReportsAnotherMapUnderTheSameEpoch) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  ClusterMap other = MapAt(5);
  other.nodes[0].weight = 7;
  Put(other);
  EXPECT_THAT(reports_.Take(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("its epoch is still 5")));
}

TEST_F(FileWatchTest, OtherFilesOfTheDirectoryAreNoNews) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());

  for (const char* name : {"map2", "ma", "map.bak"}) std::ofstream(dir_.File(name)) << "x";
  Put(MapAt(6));

  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(6)));
  EXPECT_TRUE(reports_.empty());
}

TEST_F(FileWatchTest, IsSilentOnceItIsDestroyed) {
  Put(MapAt(5));
  Watch();
  ASSERT_THAT(reports_.Take(), IsOk());
  watch_.reset();

  Put(MapAt(6));
  Watch();

  // The second watch's first report; had the first one still looked, there would be two of them.
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(6)));
  Put(MapAt(7));
  EXPECT_THAT(reports_.Take(), IsOkAndHolds(MapAt(7)));
  EXPECT_TRUE(reports_.empty());
}

TEST_F(FileWatchTest, StartsAndStopsManyTimes) {
  Put(MapAt(5));
  for (int round = 0; round < 50; ++round) Watch();
}

TEST_F(FileWatchTest, LooksFromTimeToTimeWhereInotifyIsSilent) {
  // A directory that is moved away takes its inotify watch along.
  std::filesystem::create_directory(dir_.File("d"));
  FileStore store(dir_.File("d/map"), {.recheck_interval = absl::Milliseconds(5)});
  ASSERT_THAT(ReplaceFile(dir_.File("d/map"), topology_base::EncodeMapDocument(MapAt(5))), IsOk());
  const auto watch = store.Watch([this](const auto& report) { reports_.Add(report); });
  ASSERT_THAT(watch, IsOk());
  ASSERT_THAT(reports_.Take(), IsOkAndHolds(MapAt(5)));

  std::filesystem::create_directory(dir_.File("new"));
  ASSERT_THAT(ReplaceFile(dir_.File("new/map"), topology_base::EncodeMapDocument(MapAt(6))),
              IsOk());
  std::filesystem::rename(dir_.File("d"), dir_.File("old"));
  std::filesystem::rename(dir_.File("new"), dir_.File("d"));

  // In between there may have been no file at all.
  absl::StatusOr<ClusterMap> report = reports_.Take();
  if (absl::IsNotFound(report.status())) report = reports_.Take();
  EXPECT_THAT(report, IsOkAndHolds(MapAt(6)));
}

TEST_F(FileWatchTest, ADirectoryThatIsNotThereCannotBeWatched) {
  FileStore store(dir_.File("no/map"));
  EXPECT_THAT(store.Watch([](const auto&) {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot watch")));
}

}  // namespace
}  // namespace quorumcache::topology_file
