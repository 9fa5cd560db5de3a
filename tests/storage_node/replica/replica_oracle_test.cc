// SPDX-License-Identifier: Apache-2.0
// Random batches against a replica, whose every answer must be that of a few lines that follow
// docs/PROTOCOL.md#replica one request at a time: with a cache that is off, far too small, or
// large, with restarts and full disks in between.
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "tests/storage_node/replica/replica_fixture.h"
#include "tests/support/seed.h"

namespace quorumcache::replica {
namespace {

using model::Ballot;
using model::ReplicaReply;
using model::ReplicaRequest;
using model::ReplyStatus;

// The state of one key and the rules, with nothing left out and nothing made fast.
struct OracleKey {
  Ballot accepted;
  Ballot promised;
  Ballot previous;
  model::Record record;

  // Whether it has changed.
  bool Apply(const ReplicaRequest& request, ReplicaReply* reply) {
    const OracleKey before = *this;
    reply->status = ReplyStatus::kOk;
    bool is_change = false;
    if (const auto* read = std::get_if<model::ReadRequest>(&request.body)) {
      if (!read->digest) reply->record = record;
      reply->state = record.state;
    } else if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
      is_change = prepare->ballot > promised && prepare->ballot > accepted;
      if (is_change) {
        promised = prepare->ballot;
        reply->record = record;
        reply->state = record.state;
      } else {
        reply->status = ReplyStatus::kRefused;
      }
    } else {
      const auto& accept = std::get<model::AcceptRequest>(request.body);
      if (accept.ballot != accepted) {
        is_change = accept.ballot >= promised && accept.ballot > accepted;
        if (is_change) {
          reply->state = before.record.state;
          previous = accepted;
          accepted = accept.ballot;
          promised = std::max({promised, accept.ballot, accept.next});
          record = accept.record;
        } else {
          reply->status = ReplyStatus::kRefused;
        }
      }
    }
    reply->accepted = accepted;
    reply->promised = promised;
    reply->previous = previous;
    return is_change;
  }
};

class ReplicaOracleTest : public ReplicaFixture, public testing::WithParamInterface<size_t> {
 protected:
  ReplicaOracleTest() : random_(support::TestSeed()) {
    options_.cache_bytes_max = GetParam();
    Restart();
  }

  Ballot RandomBallot() { return BallotAt(1 + random_.Uniform(40), random_.Uniform(2)); }

  ReplicaRequest RandomRequest() {
    const std::string key = absl::StrCat("key", random_.Uniform(12));
    switch (random_.Uniform(5)) {
      case 0:
        return ReadOf(key, /*digest=*/random_.OneIn(2));
      case 1:
        return PrepareOf(key, RandomBallot());
      default:
        break;
    }
    const Ballot ballot = RandomBallot();
    // One ballot is one record, or the test would break I2 itself.
    model::Record record =
        ballot.hlc % 5 == 0 ? Tombstone() : ValueOf(std::string(ballot.hlc % 200, 'v') + key);
    ReplicaRequest request = AcceptOf(key, ballot, record);
    if (random_.OneIn(3)) std::get<model::AcceptRequest>(request.body).next = RandomBallot();
    std::get<model::AcceptRequest>(request.body).fsync = random_.OneIn(4);
    return request;
  }

  std::vector<ReplicaRequest> RandomBatch() {
    std::vector<ReplicaRequest> batch(1 + random_.Uniform(10));
    for (ReplicaRequest& request : batch) request = RandomRequest();
    return batch;
  }

  // A random batch that the replica has executed already.
  std::vector<ReplicaRequest> RandomBatchDone() {
    std::vector<ReplicaRequest> batch = RandomBatch();
    DoAll(batch);
    return batch;
  }

  // What the batch must be answered with; `is_disk_full`: nothing of it may stay.
  std::vector<ReplicaReply> Expected(const std::vector<ReplicaRequest>& batch, bool is_disk_full) {
    const std::map<std::string, OracleKey> before = keys_;
    std::map<std::string, bool> changed;
    std::vector<ReplicaReply> replies(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      const std::string& key = batch[i].key.bytes;
      changed[key] = keys_[key].Apply(batch[i], &replies[i]) || changed[key];
      const auto* accept = std::get_if<model::AcceptRequest>(&batch[i].body);
      const bool waits_for_fsync =
          accept != nullptr && accept->fsync && replies[i].status == ReplyStatus::kOk;
      if (is_disk_full && (changed[key] || waits_for_fsync)) {
        replies[i] = ReplicaReply{};
        replies[i].status = ReplyStatus::kDiskFull;
      }
    }
    if (is_disk_full) keys_ = before;
    return replies;
  }

  void ExpectSame(const std::vector<ReplicaReply>& actual,
                  const std::vector<ReplicaReply>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_EQ(actual[i].status, expected[i].status) << "request " << i << actual[i].message;
      ASSERT_EQ(actual[i].accepted, expected[i].accepted);
      ASSERT_EQ(actual[i].promised, expected[i].promised);
      ASSERT_EQ(actual[i].previous, expected[i].previous);
      ASSERT_EQ(actual[i].state, expected[i].state);
      ASSERT_EQ(actual[i].record, expected[i].record);
    }
  }

  void ExpectCountsAreRight() {
    EntryCounts counts;
    for (const auto& [key, state] : keys_) {
      counts.values += state.record.state == model::RecordState::kValue;
      counts.tombstones += state.record.state == model::RecordState::kTombstone;
    }
    counts.bytes =
        static_cast<int64_t>(engine_.ApproximateBytes(engine::Family::kRecords, engine::Range{}));
    EXPECT_EQ(replica_->counts(), counts);
  }

  base::Random random_;
  std::map<std::string, OracleKey> keys_;
};

INSTANTIATE_TEST_SUITE_P(CacheBytes, ReplicaOracleTest, testing::Values(0, 3000, 1 << 20));

TEST_P(ReplicaOracleTest, EveryAnswerIsThatOfTheRules) {
  for (int round = 0; round < 60; ++round) {
    keys_.clear();
    engine_.Wipe();
    Restart();
    for (int step = 0; step < 40; ++step) {
      const std::vector<ReplicaRequest> batch = RandomBatch();
      const bool is_disk_full = random_.OneIn(8);
      engine_.SetDiskFull(is_disk_full);
      const std::vector<ReplicaReply> expected = Expected(batch, is_disk_full);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(DoAll(batch), expected))
          << "round " << round << ", step " << step;
      engine_.SetDiskFull(false);
      if (random_.OneIn(10)) {
        ASSERT_TRUE(replica_->Flush().ok());
        ASSERT_NO_FATAL_FAILURE(Restart());
      }
    }
    ExpectCountsAreRight();
  }
}

// Power fails at any moment; what was acknowledged with fsync before must be there, and A and P
// must be no lower (I1).
TEST_P(ReplicaOracleTest, WhatWasSyncedSurvivesPowerFailure) {
  for (int round = 0; round < 60; ++round) {
    keys_.clear();
    engine_.Wipe();
    Restart();
    for (int step = 0; step < 10; ++step) Expected(RandomBatchDone(), false);
    const std::map<std::string, OracleKey> synced = keys_;
    engine::WriteBatch nothing;
    ASSERT_TRUE(engine_.Write(nothing, /*fsync=*/true).ok());
    for (int step = 0; step < 10; ++step) Expected(RandomBatchDone(), false);

    engine_.PowerFail(random_.Uniform(engine_.unsynced_count() + 1));
    ASSERT_NO_FATAL_FAILURE(Restart());

    for (const auto& [key, state] : synced) {
      const ReplicaReply reply = Do(ReadOf(key));
      EXPECT_GE(reply.accepted, state.accepted);
      EXPECT_GE(reply.promised, state.promised);
      if (reply.accepted == state.accepted) {
        EXPECT_EQ(reply.record, state.record);
      }
    }
  }
}

}  // namespace
}  // namespace quorumcache::replica
