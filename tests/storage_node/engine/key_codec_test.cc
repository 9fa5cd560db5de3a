// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine/key_codec.h"

#include "gtest/gtest.h"
#include "storage_node/engine/write_batch.h"

namespace quorumcache::engine {
namespace {

std::string Encode(hash::Token token, const std::string& name, const std::string& bytes) {
  std::string key = "left from before";
  EncodeKey(token, model::Key{name, bytes}, &key);
  return key;
}

TEST(KeyCodecTest, LayoutIsTokenNamespaceZeroKey) {
  EXPECT_EQ(Encode(0x0102030405060708, "ns", "key"),
            std::string("\x01\x02\x03\x04\x05\x06\x07\x08ns\0key", 14));
}

TEST(KeyCodecTest, DecodedPartsAreTheEncodedOnes) {
  const std::string binary("\0a\0", 3);
  const std::string encoded = Encode(0xfedcba9876543210, "default", binary);

  const std::optional<KeyParts> parts = DecodeKey(encoded);

  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->token, 0xfedcba9876543210);
  EXPECT_EQ(parts->namespace_name, "default");
  EXPECT_EQ(parts->bytes, binary);
}

TEST(KeyCodecTest, WhatIsNoEngineKeyIsToldApart) {
  EXPECT_FALSE(DecodeKey("").has_value());
  EXPECT_FALSE(DecodeKey("12345678").has_value());
  EXPECT_FALSE(DecodeKey("12345678ns-without-end").has_value());
  EXPECT_FALSE(DecodeKey(absl::string_view("12345678ns\0", 11)).has_value()) << "key is empty";
}

TEST(KeyCodecTest, ByteOrderIsTokenOrder) {
  EXPECT_LT(Encode(1, "z", "z"), Encode(2, "a", "a"));
  EXPECT_LT(Encode(0x00ff, "z", "z"), Encode(0x0100, "a", "a"));
  EXPECT_LT(Encode(0x7fffffffffffffff, "z", "z"), Encode(0x8000000000000000, "a", "a"));
}

TEST(KeyCodecTest, PartitionsAreAdjacentRangesThatCoverEverything) {
  constexpr uint64_t kCount = 16;
  std::string end_of_last(8, '\0');
  for (uint32_t partition = 0; partition < kCount; ++partition) {
    const PartitionBounds bounds = BoundsOf(partition, kCount);
    EXPECT_EQ(bounds.begin, end_of_last);
    const hash::TokenRange tokens = hash::RangeOf(partition, kCount);
    EXPECT_TRUE((Range{bounds.begin, bounds.end}.Contains(Encode(tokens.first, "a", "k"))));
    EXPECT_TRUE((Range{bounds.begin, bounds.end}.Contains(Encode(tokens.last, "z", "\xff"))));
    end_of_last = bounds.end;
  }
  EXPECT_EQ(end_of_last, "");
}

TEST(KeyCodecTest, OnePartitionIsEverything) {
  const PartitionBounds bounds = BoundsOf(0, 1);

  EXPECT_EQ(bounds.begin, std::string(8, '\0'));
  EXPECT_EQ(bounds.end, "");
}

}  // namespace
}  // namespace quorumcache::engine
