// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/map_reporter.h"

#include <chrono>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::topology_base {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using topology::ClusterMap;
using topology::TestMap;

ClusterMap MapAt(uint64_t epoch) {
  ClusterMap map = TestMap();
  map.epoch = epoch;
  return map;
}

class MapReporterTest : public testing::Test {
 protected:
  std::vector<absl::StatusOr<ClusterMap>> reports_;
  MapReporter reporter_{"topology file map",
                        [this](const auto& report) { reports_.push_back(report); }};
};

TEST_F(MapReporterTest, PassesOnEachEpochOnce) {
  EXPECT_TRUE(reporter_.Report(MapAt(1)));
  EXPECT_TRUE(reporter_.Report(MapAt(1)));
  EXPECT_TRUE(reporter_.Report(MapAt(5)));

  EXPECT_THAT(reports_, ElementsAre(IsOkAndHolds(MapAt(1)), IsOkAndHolds(MapAt(5))));
  EXPECT_EQ(reporter_.last_map(), MapAt(5));
}

TEST_F(MapReporterTest, TellsAFailureOnceUntilItChangesOrEnds) {
  const absl::Status down = absl::UnavailableError("down");
  EXPECT_FALSE(reporter_.Report(down));
  EXPECT_FALSE(reporter_.Report(down));
  EXPECT_FALSE(reporter_.Report(absl::UnavailableError("still down, in other words")));
  EXPECT_FALSE(reporter_.Report(absl::DataLossError("torn")));
  EXPECT_TRUE(reporter_.Report(MapAt(1)));
  EXPECT_FALSE(reporter_.Report(down));

  EXPECT_THAT(reports_, SizeIs(4));
}

TEST_F(MapReporterTest, TheEndOfAFailureIsToldByTheSameMap) {
  reporter_.Report(MapAt(1));
  reporter_.Report(absl::UnavailableError("down"));
  reporter_.Report(MapAt(1));
  reporter_.Report(MapAt(1));

  EXPECT_THAT(reports_,
              ElementsAre(IsOkAndHolds(MapAt(1)), StatusIs(absl::StatusCode::kUnavailable),
                          IsOkAndHolds(MapAt(1))));
}

TEST_F(MapReporterTest, AnOldCopyIsRefused) {
  reporter_.Report(MapAt(7));

  EXPECT_FALSE(reporter_.Report(MapAt(6)));

  EXPECT_THAT(reports_.back(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("went back from 7 to 6")));
  EXPECT_EQ(reporter_.last_map(), MapAt(7));
}

TEST_F(MapReporterTest, AnotherMapUnderTheSameEpochIsRefused) {
  reporter_.Report(MapAt(7));
  ClusterMap forged = MapAt(7);
  forged.nodes[0].address = "127.0.0.1:9999";

  EXPECT_FALSE(reporter_.Report(forged));

  EXPECT_THAT(reports_.back(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("its epoch is still 7")));
}

// Of the clock that Age() is measured with.
absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

TEST_F(MapReporterTest, OnlyGoodNewsMakesItYoung) {
  const absl::Duration after_start = SteadyNow();
  reporter_.Report(absl::UnavailableError("down"));
  const absl::Duration failed_for = SteadyNow() - after_start;
  EXPECT_GE(reporter_.Age(), failed_for);

  reporter_.Confirm();
  EXPECT_GE(reporter_.Age(), failed_for) << "what has failed was not confirmed";

  const absl::Duration before_report = SteadyNow();
  reporter_.Report(MapAt(1));
  const absl::Duration age = reporter_.Age();
  EXPECT_LE(age, SteadyNow() - before_report);

  const absl::Duration before_confirm = SteadyNow();
  reporter_.Confirm();
  const absl::Duration confirmed_age = reporter_.Age();
  EXPECT_LE(confirmed_age, SteadyNow() - before_confirm);
}

}  // namespace
}  // namespace quorumcache::topology_base
