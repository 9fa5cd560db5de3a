// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/scan.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

using model::ReplyStatus;
using testing::IsEmpty;
using testing::SizeIs;

class ScanTest : public ReplicaFixture {
 protected:
  ScanRequest RequestOf(uint32_t partition) const {
    ScanRequest request;
    request.partition = partition;
    request.epoch = epoch_;
    request.incarnation = kIncarnation;
    request.include_values = true;
    return request;
  }
  void PutKeys(int count) {
    for (int i = 0; i < count; ++i) {
      Do(AcceptOf(absl::StrCat("key", i), BallotAt(10), absl::StrCat("value", i)));
    }
  }
};

TEST_F(ScanTest, PagesOfAllPartitionsGiveEveryKeyOnce) {
  PutKeys(300);

  std::set<std::string> keys;
  for (uint32_t partition = 0; partition < kPartitionCount; ++partition) {
    ScanRequest request = RequestOf(partition);
    request.limit = 7;
    while (true) {
      const ScanPage page = replica_->Scan(request);
      ASSERT_EQ(page.status, ReplyStatus::kOk) << page.message;
      ASSERT_LE(page.rows.size(), 7u);
      for (const ScanRow& row : page.rows) {
        EXPECT_TRUE(keys.insert(row.key.bytes).second) << row.key.bytes;
        EXPECT_EQ(PartitionOfKey(row.key.bytes), partition);
        EXPECT_EQ(row.engine_key, EngineKeyOf(row.key.bytes));
        EXPECT_EQ(row.accepted, BallotAt(10));
        EXPECT_EQ(row.record.value, "value" + row.key.bytes.substr(3));
      }
      if (page.complete) break;
      request.after = page.resume_after;
    }
  }
  EXPECT_THAT(keys, SizeIs(300));
}

TEST_F(ScanTest, FiltersPassOnlyTheirNamespaceAndPrefix) {
  Do(AcceptOf("key", BallotAt(10), "value"));
  const uint32_t partition = PartitionOfKey("key");

  ScanRequest request = RequestOf(partition);
  request.namespace_name = "other";
  EXPECT_THAT(replica_->Scan(request).rows, IsEmpty());
  request.namespace_name = model::kDefaultNamespace;
  request.prefix = "kex";
  EXPECT_THAT(replica_->Scan(request).rows, IsEmpty());
  request.prefix = "ke";
  EXPECT_THAT(replica_->Scan(request).rows, SizeIs(1));
}

TEST_F(ScanTest, TombstonesAreRowsBecauseWhoMergesNeedsThem) {
  Do(AcceptOf("key", BallotAt(10), Tombstone()));

  const ScanPage page = replica_->Scan(RequestOf(PartitionOfKey("key")));

  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.rows[0].record.state, model::RecordState::kTombstone);
}

TEST_F(ScanTest, ValuesAreLeftOutWhenNotAskedFor) {
  Do(AcceptOf("key", BallotAt(10), "value"));
  ScanRequest request = RequestOf(PartitionOfKey("key"));
  request.include_values = false;

  const ScanPage page = replica_->Scan(request);

  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.rows[0].record.value, "");
  EXPECT_EQ(page.rows[0].record.state, model::RecordState::kValue);
}

TEST_F(ScanTest, PageEndsAtItsBoundOfWorkAlsoWhenNothingMatched) {
  PutKeys(50);
  ScanRequest request = RequestOf(0);
  request.prefix = "no such prefix";
  ScanPage page;

  ScanRecords(&engine_, engine::Range{}, request, ScanBounds{100, 20, 1 << 20}, &page);

  EXPECT_THAT(page.rows, IsEmpty());
  EXPECT_FALSE(page.complete);
  EXPECT_FALSE(page.resume_after.empty());
}

TEST_F(ScanTest, PageEndsAtItsBoundOfBytes) {
  PutKeys(50);
  ScanPage page;

  ScanRecords(&engine_, engine::Range{}, RequestOf(0), ScanBounds{100, 1000, 60}, &page);

  EXPECT_FALSE(page.complete);
  EXPECT_LT(page.rows.size(), 5u);
}

TEST_F(ScanTest, CorruptRecordFailsThePage) {
  Do(AcceptOf("key", BallotAt(10), "value"));
  ASSERT_TRUE(engine_.CorruptValue(engine::Family::kRecords, EngineKeyOf("key"), 12));

  const ScanPage page = replica_->Scan(RequestOf(PartitionOfKey("key")));

  EXPECT_EQ(page.status, ReplyStatus::kCorrupt);
  EXPECT_THAT(page.rows, IsEmpty());
}

TEST_F(ScanTest, GateHoldsForScansToo) {
  ConfigureAll(5);
  EXPECT_EQ(replica_->Scan(RequestOf(0)).status, ReplyStatus::kStaleEpoch);
  ScanRequest request = RequestOf(0);
  request.incarnation = 1;
  EXPECT_EQ(replica_->Scan(request).status, ReplyStatus::kWrongNode);
  request = RequestOf(kPartitionCount);
  EXPECT_EQ(replica_->Scan(request).status, ReplyStatus::kInvalid);
  request = RequestOf(1);
  request.epoch = 6;
  EXPECT_EQ(replica_->Scan(request).status, ReplyStatus::kOk);
  EXPECT_EQ(replica_->partitions().row(1).epoch, 6u);
}

}  // namespace
}  // namespace quorumcache::replica
