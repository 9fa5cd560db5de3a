// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/batch_processor.h"

#include <map>
#include <memory>
#include <vector>

#include "common/hash/token.h"
#include "common/model/hlc.h"
#include "common/wire/replica_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"

namespace quorumcache::node_service {
namespace {

using model::ReplyStatus;

constexpr uint64_t kWallMs = 1'700'000'000'000;
constexpr uint64_t kIncarnation = 7;

base::Now At(int64_t ms) {
  return base::Now{base::MonotonicTime::FromNanos(ms * 1'000'000), kWallMs + ms};
}

class BatchProcessorTest : public testing::Test {
 protected:
  // One partition, so that every key belongs to it.
  BatchProcessorTest() {
    replica::ReplicaOptions options;
    options.incarnation = kIncarnation;
    options.partition_count = 1;
    replica_ = replica::Replica::Open(&engine_, options).value();
    const replica::PartitionAssignment assignment{.partition = 0, .epoch = 1, .is_held = true};
    EXPECT_TRUE(replica_->Configure({&assignment, 1}).ok());
    processor_ = std::make_unique<BatchProcessor>(*replica_);
  }

  wire::RequestHeader Header(uint64_t id, absl::string_view key, uint32_t timeout_ms = 1000) {
    return wire::RequestHeader{.id = id,
                               .epoch = 1,
                               .incarnation = kIncarnation,
                               .hlc = model::HlcFromMillis(kWallMs),
                               .timeout_ms = timeout_ms,
                               .namespace_name = "default",
                               .key = key};
  }
  void AppendSet(uint64_t id, absl::string_view key, const std::string& value, std::string* batch) {
    const model::Ballot ballot{
        .epoch = 1, .hlc = model::HlcFromMillis(kWallMs) + id, .proposer = 1};
    const model::Record record{.state = model::RecordState::kValue,
                               .value = value,
                               .lineage = model::Lineage::Blind(ballot, std::nullopt)};
    wire::AppendAccept(Header(id, key), {.ballot = ballot, .record = &record}, batch);
  }
  void AppendGet(uint64_t id, absl::string_view key, std::string* batch,
                 uint32_t timeout_ms = 1000) {
    wire::AppendRead(Header(id, key, timeout_ms), model::ReadRequest{}, batch);
  }

  // Processes messages of streams 0, 1, ...; returns the replies by id.
  std::map<uint64_t, model::ReplicaReply> Process(const std::vector<std::string>& messages,
                                                  const base::Now& now = At(0)) {
    std::vector<EncodedBatch> batches;
    for (size_t i = 0; i < messages.size(); ++i) {
      batches.push_back(EncodedBatch{i, messages[i], At(0).monotonic});
    }
    processor_->Process(batches, now, &replies_);
    std::map<uint64_t, model::ReplicaReply> by_id;
    for (const EncodedReplies& reply : replies_) {
      wire::ReplyBatchReader reader(reply.bytes);
      while (reader.Next() == wire::BatchItem::kMessage) {
        EXPECT_TRUE(by_id.emplace(reader.id(), reader.reply()).second) << "answered twice";
      }
    }
    return by_id;
  }

  engine::MemoryEngine engine_;
  std::unique_ptr<replica::Replica> replica_;
  std::unique_ptr<BatchProcessor> processor_;
  std::vector<EncodedReplies> replies_;
};

TEST_F(BatchProcessorTest, EveryRequestOfEveryStreamIsAnsweredOnItsStream) {
  std::string first, second;
  AppendSet(1, "a", "va", &first);
  AppendSet(2, "b", "vb", &second);
  AppendGet(3, "missing", &second);

  const auto replies = Process({first, second});

  ASSERT_EQ(replies.size(), 3u);
  for (const auto& [id, reply] : replies) EXPECT_EQ(reply.status, ReplyStatus::kOk) << id;
  wire::ReplyBatchReader reader(replies_[0].bytes);
  ASSERT_EQ(reader.Next(), wire::BatchItem::kMessage);
  EXPECT_EQ(reader.id(), 1u);
  EXPECT_EQ(replies_[1].stream, 1u);
}

TEST_F(BatchProcessorTest, AnEpochThatTheReplicaLearnsWaitsForAnFsync) {
  const auto waits = [this](uint32_t epoch) {
    std::string message;
    wire::RequestHeader header = Header(1, "a");
    header.epoch = epoch;
    wire::AppendRead(header, model::ReadRequest{}, &message);
    const EncodedBatch batch{0, message, At(0).monotonic};
    processor_->Read({&batch, 1}, At(0), &replies_);
    return processor_->WaitsForFsync();
  };

  EXPECT_FALSE(waits(0));
  EXPECT_FALSE(waits(1));
  EXPECT_TRUE(waits(2));
  processor_->Execute(At(0), &replies_);
  EXPECT_FALSE(waits(2)) << "it has been written down by now";
}

TEST_F(BatchProcessorTest, WhatIsSetIsReadInALaterBatch) {
  std::string set, get;
  AppendSet(1, "a", "value", &set);
  AppendGet(2, "a", &get);

  Process({set});
  const auto replies = Process({get});

  ASSERT_TRUE(replies.at(2).record.has_value());
  EXPECT_EQ(replies.at(2).record->value, "value");
}

TEST_F(BatchProcessorTest, WhatIsOutOfTimeIsNotExecuted) {
  std::string batch;
  AppendGet(1, "a", &batch, /*timeout_ms=*/50);
  AppendGet(2, "a", &batch, /*timeout_ms=*/51);

  const auto replies = Process({batch}, At(50));

  EXPECT_EQ(replies.at(1).status, ReplyStatus::kExpired);
  EXPECT_EQ(replies.at(2).status, ReplyStatus::kOk);
  EXPECT_EQ(replica_->counters().reads, 1u);
}

TEST_F(BatchProcessorTest, AMessageThatMakesNoSenseIsRefusedAloneAndTheRestGoesOn) {
  std::string batch;
  AppendGet(1, "", &batch);
  AppendGet(2, "a", &batch);

  const auto replies = Process({batch});

  EXPECT_EQ(replies.at(1).status, ReplyStatus::kInvalid);
  EXPECT_EQ(replies.at(2).status, ReplyStatus::kOk);
}

TEST_F(BatchProcessorTest, NothingOfAMalformedBatchIsExecuted) {
  std::string malformed, good;
  AppendSet(1, "a", "value", &malformed);
  malformed += "\xFF\xFF";
  AppendGet(2, "a", &good);

  const auto replies = Process({malformed, good});

  EXPECT_FALSE(replies_[0].malformed.ok());
  EXPECT_TRUE(replies_[0].bytes.empty());
  EXPECT_TRUE(replies_[1].malformed.ok());
  EXPECT_EQ(replies.at(2).state, model::RecordState::kAbsent);
  EXPECT_EQ(replica_->counters().accepts, 0u);
}

TEST_F(BatchProcessorTest, AnotherIncarnationIsTurnedAway) {
  std::string batch;
  wire::RequestHeader header = Header(1, "a");
  header.incarnation = kIncarnation + 1;
  wire::AppendRead(header, model::ReadRequest{}, &batch);

  EXPECT_EQ(Process({batch}).at(1).status, ReplyStatus::kWrongNode);
}

TEST_F(BatchProcessorTest, LargeValuesDoNotStayInItsBuffers) {
  std::string batch, get;
  AppendSet(1, "a", std::string(3 << 20, 'v'), &batch);
  AppendGet(2, "a", &get);

  EXPECT_EQ(Process({batch}).at(1).status, ReplyStatus::kOk);
  EXPECT_EQ(Process({get}).at(2).record->value.size(), size_t{3} << 20);
}

}  // namespace
}  // namespace quorumcache::node_service
