// SPDX-License-Identifier: Apache-2.0
#include "tests/storage_node/replica/replica_fixture.h"

#include <utility>

#include "common/base/check.h"
#include "common/hash/token.h"
#include "storage_node/engine/key_codec.h"

namespace quorumcache::replica {

model::Ballot BallotAt(uint64_t ms, uint64_t proposer) {
  return model::Ballot{1, model::HlcFromMillis(ms), proposer};
}

model::Record ValueOf(absl::string_view value) {
  model::Record record;
  record.state = model::RecordState::kValue;
  record.value = std::string(value);
  return record;
}

model::Record Tombstone() {
  model::Record record;
  record.state = model::RecordState::kTombstone;
  return record;
}

uint32_t PartitionOfKey(absl::string_view key) {
  return hash::PartitionOf(hash::TokenOf(model::kDefaultNamespace, key), kPartitionCount);
}

std::string EngineKeyOf(absl::string_view key) {
  std::string engine_key;
  engine::EncodeKey(hash::TokenOf(model::kDefaultNamespace, key),
                    model::Key{model::kDefaultNamespace, std::string(key)}, &engine_key);
  return engine_key;
}

ReplicaFixture::ReplicaFixture() {
  options_.incarnation = kIncarnation;
  options_.partition_count = kPartitionCount;
  options_.cache_bytes_max = 1 << 20;
  Restart();
}

void ReplicaFixture::Restart() {
  replica_.reset();
  engine_.Restart();
  absl::StatusOr<std::unique_ptr<Replica>> opened = Replica::Open(&engine_, options_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  replica_ = *std::move(opened);
  ConfigureAll(epoch_);
}

void ReplicaFixture::ConfigureAll(uint32_t epoch, uint32_t ballot_floor_epoch) {
  std::vector<PartitionAssignment> assignments;
  for (uint32_t partition = 0; partition < kPartitionCount; ++partition) {
    assignments.push_back({partition, epoch, ballot_floor_epoch, /*is_held=*/true});
  }
  const absl::Status status = replica_->Configure(assignments);
  ASSERT_TRUE(status.ok()) << status;
}

model::ReplicaRequest ReplicaFixture::RequestFor(absl::string_view key) const {
  model::ReplicaRequest request;
  request.partition = PartitionOfKey(key);
  request.epoch = epoch_;
  request.incarnation = kIncarnation;
  request.hlc = model::HlcFromMillis(1);
  request.key = model::Key{model::kDefaultNamespace, std::string(key)};
  return request;
}

model::ReplicaRequest ReplicaFixture::ReadOf(absl::string_view key, bool digest) const {
  model::ReplicaRequest request = RequestFor(key);
  request.body = model::ReadRequest{digest};
  return request;
}

model::ReplicaRequest ReplicaFixture::PrepareOf(absl::string_view key,
                                                const model::Ballot& ballot) const {
  model::ReplicaRequest request = RequestFor(key);
  request.body = model::PrepareRequest{ballot};
  return request;
}

model::ReplicaRequest ReplicaFixture::AcceptOf(absl::string_view key, const model::Ballot& ballot,
                                               model::Record record) const {
  model::ReplicaRequest request = RequestFor(key);
  if (record.lineage.root().IsZero()) {
    record.lineage = model::Lineage::Blind(ballot, std::nullopt);
  }
  model::AcceptRequest accept;
  accept.ballot = ballot;
  accept.record = std::move(record);
  request.body = std::move(accept);
  return request;
}

model::ReplicaReply ReplicaFixture::Do(const model::ReplicaRequest& request) {
  return DoAll({request}).front();
}

std::vector<model::ReplicaReply> ReplicaFixture::DoAll(
    const std::vector<model::ReplicaRequest>& requests) {
  std::vector<model::ReplicaReply> replies;
  replica_->Apply(requests, wall_ms_, &replies);
  QC_CHECK(replies.size() == requests.size());
  return replies;
}

}  // namespace quorumcache::replica
