// SPDX-License-Identifier: Apache-2.0
// The hand-written codec against the generated protobuf classes, in both directions, on random
// messages.
#include "common/wire/replica_wire.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/random.h"
#include "common/wire/record_proto.h"
#include "gtest/gtest.h"
#include "quorumcache/internal/v1/replica.pb.h"
#include "tests/common/wire/random_message.h"
#include "tests/support/seed.h"

namespace quorumcache::wire {
namespace {

namespace pb = internal::v1;

// Reads the only request of a batch.
struct ReadBack {
  uint64_t id = 0;
  uint32_t timeout_ms = 0;
  absl::Status status;
  model::ReplicaRequest request;
};

std::optional<ReadBack> ReadOnly(const std::string& batch) {
  RequestBatchReader reader(batch);
  if (reader.Next() != BatchItem::kMessage) return std::nullopt;
  ReadBack result{reader.id(), reader.timeout_ms(), reader.status(), std::move(reader.request())};
  if (reader.Next() != BatchItem::kEnd) return std::nullopt;
  return result;
}

TEST(ReplicaWireTest, RequestsSurviveTheRoundTrip) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 3000; ++i) {
    const model::ReplicaRequest request = RandomRequest(random);
    const uint64_t id = random.Next() | 1;
    std::string batch;

    AppendRequest(id, 250, request, &batch);
    const std::optional<ReadBack> back = ReadOnly(batch);

    ASSERT_TRUE(back.has_value());
    ASSERT_TRUE(back->status.ok()) << back->status;
    EXPECT_EQ(back->id, id);
    EXPECT_EQ(back->timeout_ms, 250u);
    ASSERT_EQ(Describe(back->request), Describe(request));
  }
}

TEST(ReplicaWireTest, GeneratedCodeReadsOurRequestsAndWeReadItsBytes) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 3000; ++i) {
    const model::ReplicaRequest request = RandomRequest(random);
    std::string batch;
    AppendRequest(i + 1, 250, request, &batch);

    pb::ReplicaRequestBatch parsed;
    ASSERT_TRUE(parsed.ParseFromString(batch));
    ASSERT_EQ(parsed.requests_size(), 1);
    EXPECT_EQ(parsed.requests(0).id(), static_cast<uint64_t>(i + 1));
    EXPECT_EQ(parsed.requests(0).key(), request.key.bytes);
    const std::optional<ReadBack> back = ReadOnly(parsed.SerializeAsString());

    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(Describe(back->request), Describe(request)) << parsed.ShortDebugString();
  }
}

TEST(ReplicaWireTest, RepliesSurviveTheRoundTripThroughGeneratedCode) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 3000; ++i) {
    const model::ReplicaReply reply = RandomReply(random);
    std::string batch;
    AppendReply(i + 1, reply, &batch);

    pb::ReplicaReplyBatch parsed;
    ASSERT_TRUE(parsed.ParseFromString(batch));
    const std::string again = parsed.SerializeAsString();
    ReplyBatchReader reader(i % 2 == 0 ? batch : again);

    ASSERT_EQ(reader.Next(), BatchItem::kMessage);
    EXPECT_EQ(reader.id(), static_cast<uint64_t>(i + 1));
    ASSERT_EQ(Describe(reader.reply()), Describe(reply)) << parsed.ShortDebugString();
    EXPECT_EQ(reader.Next(), BatchItem::kEnd);
  }
}

// A reader that is used again must not show anything of the message before.
TEST(ReplicaWireTest, ReusedTargetsKeepNothingOfTheLastMessage) {
  base::Random random(support::TestSeed());
  std::vector<model::ReplicaRequest> requests;
  std::string batch;
  for (int i = 0; i < 500; ++i) {
    requests.push_back(RandomRequest(random));
    AppendRequest(i + 1, 1, requests.back(), &batch);
  }

  RequestBatchReader reader(batch);
  model::ReplicaRequest target;

  for (const model::ReplicaRequest& request : requests) {
    ASSERT_EQ(reader.NextInto(&target), BatchItem::kMessage);
    ASSERT_EQ(Describe(target), Describe(request));
  }
  EXPECT_EQ(reader.Next(), BatchItem::kEnd);
}

// The two ways in which a record goes out say the same.
TEST(ReplicaWireTest, RecordObjectsAreWhatTheStreamSends) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 1000; ++i) {
    model::ReplicaReply reply = RandomReply(random);
    if (!reply.record.has_value()) continue;
    std::string batch;
    AppendReply(1, reply, &batch);
    pb::ReplicaReplyBatch parsed;
    ASSERT_TRUE(parsed.ParseFromString(batch));

    pb::Record record;
    ToProto(*reply.record, reply.accepted, &record);

    ASSERT_EQ(record.ShortDebugString(), parsed.replies(0).record().ShortDebugString());
  }
}

TEST(ReplicaWireTest, HelloAndPingAreReadByBothReaders) {
  std::string batch;
  AppendHello(Hello{.cluster_id = "c1", .sender = "n1", .incarnation = 7}, &batch);
  AppendPing(42, &batch);

  RequestBatchReader requests(batch);
  ReplyBatchReader replies(batch);

  ASSERT_EQ(requests.Next(), BatchItem::kHello);
  ASSERT_EQ(replies.Next(), BatchItem::kHello);
  EXPECT_EQ(requests.hello().cluster_id, "c1");
  EXPECT_EQ(replies.hello().incarnation, 7u);
  EXPECT_EQ(replies.hello().protocol_version, kReplicaProtocolVersion);
  ASSERT_EQ(requests.Next(), BatchItem::kPing);
  EXPECT_EQ(requests.ping(), 42u);
}

Hello Speaking(uint32_t oldest, uint32_t newest) {
  return {.protocol_version = newest, .oldest_version = oldest};
}

TEST(ReplicaWireTest, OldestVersionGoesOverTheWireAndAnOldProcessHasNone) {
  std::string batch;
  AppendHello(Speaking(3, 5), &batch);
  RequestBatchReader reader(batch);
  ASSERT_EQ(reader.Next(), BatchItem::kHello);
  EXPECT_EQ(reader.hello().oldest_version, 3u);
  EXPECT_EQ(reader.hello().protocol_version, 5u);

  std::string old_batch;
  AppendHello(Speaking(0, 1), &old_batch);
  RequestBatchReader old_reader(old_batch);
  ASSERT_EQ(old_reader.Next(), BatchItem::kHello);
  EXPECT_EQ(old_reader.hello().oldest_version, 0u);
}

TEST(ReplicaWireTest, BothSidesSpeakTheOlderOfTheirVersions) {
  for (const auto& [own, peer, version] : {std::tuple{Speaking(1, 1), Speaking(1, 1), 1u},
                                           {Speaking(1, 2), Speaking(1, 1), 1u},
                                           {Speaking(1, 2), Speaking(2, 3), 2u},
                                           {Speaking(0, 1), Speaking(1, 4), 1u},
                                           {Speaking(1, 1), Speaking(0, 1), 1u}}) {
    EXPECT_EQ(NegotiateVersion(own, peer).value_or(0), version);
    EXPECT_EQ(NegotiateVersion(peer, own).value_or(0), version);
  }
}

TEST(ReplicaWireTest, VersionsWithoutOneInCommonAreRefusedAndBothNamed) {
  const absl::Status refused = NegotiateVersion(Speaking(1, 1), Speaking(2, 4)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(refused.message(),
            "this process speaks protocol version 1, not versions 2 to 4: upgrade the older one "
            "first");
  EXPECT_FALSE(NegotiateVersion(Speaking(2, 4), Speaking(0, 1)).ok());
  EXPECT_FALSE(NegotiateVersion(Speaking(0, 1), Speaking(0, 2)).ok());
  EXPECT_FALSE(NegotiateVersion(Speaking(1, 1), Speaking(0, 0)).ok()) << "no version at all";
}

TEST(ReplicaWireTest, MessagesThatMakeNoSenseAreToldFromMalformedOnes) {
  pb::ReplicaRequestBatch batch;
  pb::ReplicaRequest& request = *batch.add_requests();
  request.set_id(9);
  request.set_namespace_("default");

  request.mutable_read();
  EXPECT_FALSE(ReadOnly(batch.SerializeAsString())->status.ok()) << "no key";
  request.set_key("k");
  EXPECT_TRUE(ReadOnly(batch.SerializeAsString())->status.ok());
  request.clear_body();
  EXPECT_FALSE(ReadOnly(batch.SerializeAsString())->status.ok()) << "no body";
  request.mutable_accept()->mutable_ballot()->set_hlc(1);
  EXPECT_FALSE(ReadOnly(batch.SerializeAsString())->status.ok()) << "no record";
  request.mutable_accept()->mutable_record()->set_state(2);
  EXPECT_TRUE(ReadOnly(batch.SerializeAsString())->status.ok());
  request.mutable_accept()->clear_ballot();
  EXPECT_FALSE(ReadOnly(batch.SerializeAsString())->status.ok()) << "no ballot";
  request.set_key(std::string(5000, 'k'));
  request.mutable_read();
  EXPECT_FALSE(ReadOnly(batch.SerializeAsString())->status.ok()) << "key too long";
  EXPECT_EQ(ReadOnly(batch.SerializeAsString())->id, 9u);
}

TEST(ReplicaWireTest, UnknownFieldsAreSkipped) {
  std::string batch;
  AppendPing(1, &batch);
  std::string padded = "\x78\x05";  // field 15, varint
  padded +=
      "\xA2\x06\x03"
      "abc";                                             // field 100, bytes
  padded += std::string("\xFD\x01\x00\x00\x00\x00", 6);  // field 31, fixed32
  padded += batch;

  RequestBatchReader reader(padded);

  EXPECT_EQ(reader.Next(), BatchItem::kPing);
}

// Truncated and flipped bytes: any answer but a crash (the address sanitizer watches), and
// termination.
TEST(ReplicaWireTest, DamagedBytesNeverCrash) {
  base::Random random(support::TestSeed());
  for (int i = 0; i < 5000; ++i) {
    std::string requests, replies;
    AppendRequest(1, 1, RandomRequest(random), &requests);
    AppendReply(1, RandomReply(random), &replies);
    for (std::string* bytes : {&requests, &replies}) {
      if (random.OneIn(2)) bytes->resize(random.Uniform(bytes->size() + 1));
      for (uint64_t flips = random.Uniform(4); flips > 0 && !bytes->empty(); --flips) {
        (*bytes)[random.Uniform(bytes->size())] ^= static_cast<char>(1 << random.Uniform(8));
      }
    }

    RequestBatchReader request_reader(requests);
    ReplyBatchReader reply_reader(replies);
    for (BatchItem item = request_reader.Next();
         item != BatchItem::kEnd && item != BatchItem::kMalformed;) {
      item = request_reader.Next();
    }
    for (BatchItem item = reply_reader.Next();
         item != BatchItem::kEnd && item != BatchItem::kMalformed;) {
      item = reply_reader.Next();
    }
  }
}

TEST(ReplicaWireTest, RepliesWithAStatusThatNoReplicaGivesAreMalformed) {
  for (const uint32_t status : {0u, 12u, 32u, 34u, 99u}) {
    pb::ReplicaReplyBatch batch;
    batch.add_replies()->set_status(status);
    const std::string bytes = batch.SerializeAsString();
    ReplyBatchReader reader(bytes);

    EXPECT_EQ(reader.Next(), BatchItem::kMalformed) << status;
  }
}

}  // namespace
}  // namespace quorumcache::wire
