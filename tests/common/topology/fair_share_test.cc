// SPDX-License-Identifier: Apache-2.0
#include "common/topology/fair_share.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/topology/share_oracle.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::topology {

void PrintTo(const ShareBounds& bounds, std::ostream* out) {
  *out << absl::StrCat("[", bounds.min, ", ", bounds.max, "]");
}

namespace {

using support::StatusIs;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

ShareBounds Exactly(uint32_t replicas) {
  return {replicas, replicas};
}

TEST(FairShareTest, EqualNodesShareEqually) {
  const ShareRequest request{{{0, 100}, {0, 100}, {0, 100}, {0, 100}}, 1, 256, 3};

  const FairShares shares = *ComputeFairShares(request);

  EXPECT_THAT(shares.zone_replicas_max, ElementsAre(3));
  EXPECT_THAT(shares.nodes, Each(Exactly(192)));
  EXPECT_THAT(shares.zones, ElementsAre(Exactly(768)));
}

TEST(FairShareTest, BoundsAreOneApartWhereItDoesNotDivide) {
  const ShareRequest request{{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}}, 1, 64, 2};

  EXPECT_THAT(ComputeFairShares(request)->nodes, Each(ShareBounds{25, 26}));
}

TEST(FairShareTest, SharesFollowWeights) {
  // 256 * 1 replicas, weights 1 : 2 : 5.
  const ShareRequest request{{{0, 100}, {0, 200}, {0, 500}}, 1, 256, 1};

  EXPECT_THAT(ComputeFairShares(request)->nodes,
              ElementsAre(Exactly(32), Exactly(64), Exactly(160)));
}

TEST(FairShareTest, ANodeHoldsAPartitionOnce) {
  // By weight the first would get 16 * 3 * 10 / 13 = 36 of 48; it cannot have more than 16.
  const ShareRequest request{{{0, 1000}, {0, 100}, {0, 100}, {0, 100}}, 1, 16, 3};

  EXPECT_THAT(
      ComputeFairShares(request)->nodes,
      ElementsAre(Exactly(16), ShareBounds{10, 11}, ShareBounds{10, 11}, ShareBounds{10, 11}));
}

TEST(FairShareTest, ANodeWithoutWeightGetsNothing) {
  const ShareRequest request{{{0, 100}, {0, 0}, {0, 100}}, 1, 16, 1};

  EXPECT_THAT(ComputeFairShares(request)->nodes, ElementsAre(Exactly(8), Exactly(0), Exactly(8)));
}

TEST(FairShareTest, EnoughZonesMeanOneReplicaInEach) {
  // Zone 0 has one node, which therefore holds everything: zones go before balance.
  const ShareRequest request{
      {{0, 100}, {1, 100}, {1, 100}, {2, 100}, {2, 100}, {2, 100}}, 3, 60, 3};

  const FairShares shares = *ComputeFairShares(request);

  EXPECT_THAT(shares.zone_replicas_max, Each(1));
  EXPECT_THAT(shares.zones, Each(Exactly(60)));
  EXPECT_THAT(shares.nodes, ElementsAre(Exactly(60), Exactly(30), Exactly(30), Exactly(20),
                                        Exactly(20), Exactly(20)));
}

TEST(FairShareTest, MoreZonesThanReplicasShareByWeight) {
  const ShareRequest request{{{0, 100}, {1, 100}, {2, 100}, {3, 300}}, 4, 64, 2};

  // 128 replicas; zone 3 would get 64 of them by weight: just what a zone can take.
  EXPECT_THAT(
      ComputeFairShares(request)->zones,
      ElementsAre(ShareBounds{21, 22}, ShareBounds{21, 22}, ShareBounds{21, 22}, Exactly(64)));
}

TEST(FairShareTest, TooFewEqualZonesAreSpreadOverEvenly) {
  // Three replicas in two zones: two and one.
  const ShareRequest request{{{0, 100}, {0, 100}, {1, 100}, {1, 100}}, 2, 64, 3};

  const FairShares shares = *ComputeFairShares(request);

  EXPECT_THAT(shares.zone_replicas_max, Each(2));
  EXPECT_THAT(shares.zones, Each(Exactly(96)));
}

TEST(FairShareTest, WithTooFewZonesBalanceGoesFirst) {
  // The first node of a second zone gets its share, not a replica of everything.
  const ShareRequest request{{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}, {1, 1}}, 2, 64, 3};

  const FairShares shares = *ComputeFairShares(request);

  EXPECT_THAT(shares.nodes, Each(Exactly(32)));
  EXPECT_THAT(shares.zone_replicas_max, ElementsAre(3, 1));
}

TEST(FairShareTest, ZonesWithoutWeightDoNotCount) {
  const ShareRequest request{{{0, 100}, {0, 100}, {1, 0}}, 2, 64, 2};

  const FairShares shares = *ComputeFairShares(request);

  EXPECT_THAT(shares.zone_replicas_max, ElementsAre(2, 0));
  EXPECT_THAT(shares.zones, ElementsAre(Exactly(128), Exactly(0)));
}

TEST(FairShareTest, RefusesFewerWeightedNodesThanReplicas) {
  const ShareRequest request{{{0, 100}, {0, 100}, {0, 0}}, 1, 64, 3};

  EXPECT_THAT(ComputeFairShares(request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("3 replicas need as many nodes, but 2 have a weight")));
}

ShareRequest RandomRequest(base::Random& random) {
  ShareRequest request;
  request.replication_factor = 1 + static_cast<uint32_t>(random.Uniform(5));
  request.partition_count = uint32_t{16} << random.Uniform(7);
  request.zone_count = 1 + static_cast<uint32_t>(random.Uniform(6));
  const uint64_t node_count = request.replication_factor + random.Uniform(60);
  const bool equal_weights = random.OneIn(2);
  for (uint64_t i = 0; i < node_count; ++i) {
    const auto zone = static_cast<uint32_t>(random.Uniform(request.zone_count));
    const auto weight = static_cast<uint32_t>(1 + random.Uniform(random.OneIn(4) ? 10000 : 300));
    request.nodes.push_back({zone, equal_weights ? 100 : weight});
  }
  return request;
}

TEST(FairShareTest, BoundsEncloseTheExactShareOfRandomClusters) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 5000; ++round) {
    const ShareRequest request = RandomRequest(random);

    const FairShares shares = *ComputeFairShares(request);

    const std::vector<double> exact = ShareOracle(request).Shares();
    for (size_t i = 0; i < exact.size(); ++i) {
      const ShareBounds& bounds = shares.nodes[i];
      ASSERT_LE(bounds.min, exact[i] + 1e-3) << "round " << round << " node " << i;
      ASSERT_GE(bounds.max, exact[i] - 1e-3) << "round " << round << " node " << i;
      ASSERT_LE(bounds.max - bounds.min, 1u);
    }
  }
}

TEST(FairShareTest, WholeNumbersWithinTheBoundsAddUp) {
  base::Random random(support::TestSeed());
  for (int round = 0; round < 5000; ++round) {
    const ShareRequest request = RandomRequest(random);

    const FairShares shares = *ComputeFairShares(request);

    std::vector<ShareBounds> in_zone(request.zone_count);
    for (size_t i = 0; i < request.nodes.size(); ++i) {
      in_zone[request.nodes[i].zone].min += shares.nodes[i].min;
      in_zone[request.nodes[i].zone].max += shares.nodes[i].max;
    }
    ShareBounds total;
    for (uint32_t zone = 0; zone < request.zone_count; ++zone) {
      ASSERT_LE(in_zone[zone].min, shares.zones[zone].min);
      ASSERT_GE(in_zone[zone].max, shares.zones[zone].max);
      ASSERT_LE(shares.zones[zone].max, shares.zone_replicas_max[zone] * request.partition_count);
      total.min += shares.zones[zone].min;
      total.max += shares.zones[zone].max;
    }
    ASSERT_LE(total.min, request.partition_count * request.replication_factor);
    ASSERT_GE(total.max, request.partition_count * request.replication_factor);
  }
}

}  // namespace
}  // namespace quorumcache::topology
