// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/transfer_page.h"

#include "gtest/gtest.h"
#include "storage_node/engine/error.h"
#include "tests/storage_node/replica/replica_fixture.h"

namespace quorumcache::replica {
namespace {

TransferPage SomePage() {
  TransferPage page;
  page.partition = 7;
  page.floor = BallotAt(3);
  page.forgotten = BallotAt(2);
  page.hlc = 99;
  page.after = "a";
  page.resume_after = "c";
  page.rows = {{"b", "record", BallotAt(5)}, {"c", "", BallotAt(6)}, {"d", "x", {}}};
  return page;
}

TEST(TransferPageTest, KeepsEveryField) {
  TransferPage page = SomePage();
  TransferPage read;
  ASSERT_TRUE(DecodeTransferPage(EncodeTransferPage(page), &read).ok());
  EXPECT_EQ(read, page);

  page.complete = true;
  page.rows.clear();
  ASSERT_TRUE(DecodeTransferPage(EncodeTransferPage(page), &read).ok());
  EXPECT_EQ(read, page);
}

TEST(TransferPageTest, EveryFlippedBitIsFound) {
  const std::string bytes = EncodeTransferPage(SomePage());
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string spoilt = bytes;
    spoilt[i / 8] = static_cast<char>(spoilt[i / 8] ^ (1 << (i % 8)));
    TransferPage read;
    EXPECT_EQ(engine::CauseOf(DecodeTransferPage(spoilt, &read)), engine::Cause::kCorrupt) << i;
  }
}

TEST(TransferPageTest, EveryPrefixIsRefused) {
  const std::string bytes = EncodeTransferPage(SomePage());
  for (size_t size = 0; size < bytes.size(); ++size) {
    TransferPage read;
    EXPECT_FALSE(DecodeTransferPage(bytes.substr(0, size), &read).ok()) << size;
  }
}

}  // namespace
}  // namespace quorumcache::replica
