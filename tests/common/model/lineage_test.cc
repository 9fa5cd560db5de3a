// SPDX-License-Identifier: Apache-2.0
#include "common/model/lineage.h"

#include "common/base/limits.h"
#include "common/model/hlc.h"
#include "gtest/gtest.h"

namespace quorumcache::model {
namespace {

Ballot At(uint64_t hlc) {
  return Ballot{1, hlc, 7};
}

Change ChangeAt(uint64_t hlc) {
  return Change{RequestId{0, hlc}, At(hlc), 1};
}

Lineage WithChanges(uint64_t root, uint64_t count) {
  Lineage lineage = Lineage::Blind(At(root), std::nullopt);
  for (uint64_t i = 1; i <= count; ++i) lineage = lineage.With(ChangeAt(root + i));
  return lineage;
}

TEST(RequestIdTest, ParsesUuidsWithAndWithoutDashes) {
  const RequestId expected{0x0123456789abcdef, 0xfedcba9876543210};

  EXPECT_EQ(RequestId::Parse("01234567-89ab-cdef-fedc-ba9876543210"), expected);
  EXPECT_EQ(RequestId::Parse("0123456789ABCDEFfedcba9876543210"), expected);
}

TEST(RequestIdTest, RefusesWhatIsNotAUuid) {
  for (const char* text :
       {"", "0123", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "0123456789abcdeffedcba987654321g", "0123456-789ab-cdef-fedc-ba9876543210",
        "-0123456789abcdeffedcba987654321"}) {
    EXPECT_EQ(RequestId::Parse(text), std::nullopt) << text;
  }
}

TEST(RequestIdTest, OfABallotIsItsClockAndProposer) {
  EXPECT_EQ(RequestId::FromBallot(Ballot{3, 5, 7}), (RequestId{5, 7}));
}

TEST(LineageTest, ABlindWriteWithoutAnIdIsKnownByItsBallot) {
  const Lineage lineage = Lineage::Blind(At(5), std::nullopt);

  EXPECT_TRUE(lineage.changes().empty());
  EXPECT_EQ(lineage.Find(RequestId::FromBallot(At(5))),
            (Change{RequestId::FromBallot(At(5)), At(5), 1}));
  EXPECT_EQ(lineage.Find(RequestId::FromBallot(At(6))), std::nullopt);
}

TEST(LineageTest, ABlindWriteWithAnIdIsKnownByBoth) {
  const Lineage lineage = Lineage::Blind(At(5), RequestId{1, 2});

  EXPECT_EQ(lineage.Find(RequestId{1, 2})->ballot, At(5));
  EXPECT_EQ(lineage.Find(RequestId::FromBallot(At(5)))->ballot, At(5));
}

TEST(LineageTest, NothingIsFoundWhereNothingWasWritten) {
  EXPECT_EQ(Lineage().Find(RequestId{}), std::nullopt);
  EXPECT_EQ(Lineage().Find(RequestId{1, 1}), std::nullopt);
}

TEST(LineageTest, ChangesAreFoundWithTheirResults) {
  const Lineage lineage =
      Lineage::Blind(At(5), std::nullopt).With(Change{RequestId{0, 9}, At(6), 42});

  EXPECT_EQ(lineage.Find(RequestId{0, 9})->result, 42);
  EXPECT_EQ(lineage.Find(RequestId{0, 9})->ballot, At(6));
}

TEST(LineageTest, OldestFallsOffAtTheBound) {
  const Lineage lineage = WithChanges(10, limits::kLineageChangesMax + 2);

  EXPECT_EQ(lineage.changes().size(), limits::kLineageChangesMax);
  EXPECT_EQ(lineage.changes().front(), ChangeAt(13));
  EXPECT_EQ(lineage.Find(RequestId{0, 12}), std::nullopt);
  EXPECT_EQ(lineage.root(), At(10));
}

TEST(LineageTest, BeyondEightOnlyWhatIsInTheWindowStays) {
  const Lineage lineage = WithChanges(10, limits::kLineageChangesMin + 4);

  const uint64_t in_window = HlcFromMillis(limits::kLineageWindowMs) + 5;
  EXPECT_EQ(lineage.With(ChangeAt(in_window)).changes().size(), limits::kLineageChangesMin + 5);
  const uint64_t past_window = HlcFromMillis(limits::kLineageWindowMs + 1);
  const Lineage later = lineage.With(ChangeAt(past_window));
  EXPECT_EQ(later.changes().size(), limits::kLineageChangesMin);
  EXPECT_EQ(later.changes().back(), ChangeAt(past_window));
  EXPECT_EQ(later.OldestKnown(), later.changes().front().ballot);
}

TEST(LineageTest, EightStayHoweverOldTheyAre) {
  const Lineage lineage = WithChanges(10, limits::kLineageChangesMin - 1);

  EXPECT_EQ(lineage.With(ChangeAt(HlcFromMillis(1'000'000))).changes().size(),
            limits::kLineageChangesMin);
}

TEST(LineageTest, ReachesBackToItsRootUntilSomeMayHaveBeenDropped) {
  EXPECT_EQ(WithChanges(10, limits::kLineageChangesMin - 1).OldestKnown(), At(10));
  EXPECT_EQ(WithChanges(10, limits::kLineageChangesMin).OldestKnown(), At(11));
  EXPECT_EQ(WithChanges(10, limits::kLineageChangesMin + 1).OldestKnown(), At(11));
  EXPECT_EQ(WithChanges(10, limits::kLineageChangesMax + 1).OldestKnown(), At(12));
}

TEST(LineageTest, LastChangeIsTheVersion) {
  EXPECT_EQ(WithChanges(10, 0).LastChange(), At(10));
  EXPECT_EQ(WithChanges(10, 3).LastChange(), At(13));
}

TEST(LineageDeathTest, AChangeIsNeverOlderThanItsRoot) {
  EXPECT_DEATH(WithChanges(10, 0).With(ChangeAt(9)), "check failed");
}

}  // namespace
}  // namespace quorumcache::model
