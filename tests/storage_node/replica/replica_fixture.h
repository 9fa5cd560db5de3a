// SPDX-License-Identifier: Apache-2.0
// ReplicaFixture: a replica over a memory engine, and short words for what is asked of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/model/replica_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::replica {

inline constexpr uint64_t kIncarnation = 77;
inline constexpr uint32_t kPartitionCount = 16;
inline constexpr uint64_t kWallMs = 1'000'000;

// A ballot of epoch 1 at so many milliseconds.
model::Ballot BallotAt(uint64_t ms, uint64_t proposer = 5);
model::Record ValueOf(absl::string_view value);
model::Record Tombstone();
uint32_t PartitionOfKey(absl::string_view key);
std::string EngineKeyOf(absl::string_view key);

class ReplicaFixture : public testing::Test {
 protected:
  ReplicaFixture();

  // A new process over the same disk: memory is gone, what was written is there.
  void Restart();
  // Names every partition as held, at `epoch`.
  void ConfigureAll(uint32_t epoch, uint32_t ballot_floor_epoch = 0);

  model::ReplicaRequest RequestFor(absl::string_view key) const;
  model::ReplicaRequest ReadOf(absl::string_view key, bool digest = false) const;
  model::ReplicaRequest PrepareOf(absl::string_view key, const model::Ballot& ballot) const;
  model::ReplicaRequest AcceptOf(absl::string_view key, const model::Ballot& ballot,
                                 model::Record record) const;
  model::ReplicaRequest AcceptOf(absl::string_view key, const model::Ballot& ballot,
                                 absl::string_view value) const {
    return AcceptOf(key, ballot, ValueOf(value));
  }

  // One request alone, and a batch of them.
  model::ReplicaReply Do(const model::ReplicaRequest& request);
  std::vector<model::ReplicaReply> DoAll(const std::vector<model::ReplicaRequest>& requests);

  ReplicaOptions options_;
  engine::MemoryEngine engine_;
  std::unique_ptr<Replica> replica_;
  uint32_t epoch_ = 1;
  uint64_t wall_ms_ = kWallMs;
};

MATCHER_P(HasStatus, status, "has status " + std::to_string(static_cast<int>(status))) {
  *result_listener << "which has status " << static_cast<int>(arg.status) << " (" << arg.message
                   << ")";
  return arg.status == status;
}

}  // namespace quorumcache::replica
