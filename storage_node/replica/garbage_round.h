// SPDX-License-Identifier: Apache-2.0
// GarbageRound: one attempt to forget the garbage of one partition, over all of its replicas.
// Protocol: docs/PROTOCOL.md#forgetting. Pure: replies in, actions out; whoever runs it sends them.
//
//   kCompare -> all N digests up to f are equal -> kRaise -> all N have persisted floor f -> kDrop
//   -> kDone
//            -> they differ -> kList -> kRepair -> kDone (repaired; a later round compares again)
//            -> the floors differ (an earlier round broke off) -> kLevel -> kCompare
//   any -> kFailed: a replica said no or could not be asked. Nothing is forgotten before all N
//   agree, so a round may break off anywhere and be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model/ballot.h"
#include "common/model/replica_message.h"
#include "storage_node/replica/garbage.h"

namespace quorumcache::replica {

// The query of a round: f is older than `grace_ms`, under the partition's epoch, and only what
// expired that long ago counts as expired, so that no clock's error drops a record early. Requires:
// grace_ms < now_ms, and grace_ms is above the largest clock skew and the longest deadline
// (limits::kGcGraceMsDefault).
GarbageQuery MakeGarbageQuery(uint32_t partition, uint32_t epoch, uint64_t now_ms,
                              uint64_t grace_ms);

// What is to be asked of one replica.
struct GarbageAction {
  enum class Kind : uint8_t { kDigest, kList, kRead, kRepair, kRaiseFloor, kDrop };
  Kind kind = Kind::kDigest;
  size_t replica = 0;
  // kDigest, kList, kDrop: as it is. kRaiseFloor: its partition and floor.
  GarbageQuery query;
  // kRead, kRepair.
  std::string engine_key;
  // kRepair: an Accept with AcceptRequest::repair, so only newer than what is there.
  model::Ballot ballot;
  model::Record record;
};

// Thread-compatible. At most one action per replica is under way, but for kRead and kRepair, of
// which there are at most kRepairKeysMax per replica.
class GarbageRound {
 public:
  // Keys repaired in one round; more differences wait for the next.
  static constexpr size_t kRepairKeysMax = 256;
  enum class Phase : uint8_t { kCompare, kLevel, kList, kRepair, kRaise, kDrop, kDone, kFailed };

  // `query.after` is empty. Requires: replica_count > 0, counting every node of every slot.
  GarbageRound(const GarbageQuery& query, size_t replica_count);

  std::vector<GarbageAction> Start();
  // The answers; each returns what to do next. Those that come after the end are ignored.
  std::vector<GarbageAction> OnDigest(size_t replica, const DigestPage& page);
  std::vector<GarbageAction> OnEntries(size_t replica, const EntryPage& page);
  std::vector<GarbageAction> OnRead(size_t replica, const std::string& engine_key,
                                    const model::ReplicaReply& reply);
  // A repair may be refused: what the replica has is newer then.
  std::vector<GarbageAction> OnRepaired(const model::ReplicaReply& reply);
  std::vector<GarbageAction> OnFloorRaised(size_t replica, model::ReplyStatus status);
  std::vector<GarbageAction> OnDropped(size_t replica, const DropPage& page);

  Phase phase() const { return phase_; }
  bool is_finished() const { return phase_ == Phase::kDone || phase_ == Phase::kFailed; }
  // kDone: whether the garbage has gone; otherwise replicas differed, and have been repaired.
  bool has_dropped() const { return phase_ == Phase::kDone && !has_repaired_; }
  uint64_t dropped() const { return dropped_; }
  size_t repaired_keys() const { return repaired_keys_; }
  // kFailed: for people.
  const std::string& failure() const { return failure_; }

 private:
  struct Replica {
    EntryDigest digest;
    model::Ballot floor;
    std::map<std::string, model::Ballot> entries;
    // Has answered all of the present phase.
    bool is_ready = false;
  };
  // What the replicas have for one key that they do not agree on.
  struct Difference {
    std::vector<std::optional<model::ReplicaReply>> replies;
    size_t answered = 0;
  };

  std::vector<GarbageAction> Enter(Phase phase, GarbageAction::Kind kind);
  std::vector<GarbageAction> Fail(size_t replica, model::ReplyStatus status,
                                  const std::string& message);
  GarbageAction ActionFor(GarbageAction::Kind kind, size_t replica) const;
  // False once every replica has answered all of this phase.
  bool IsWaiting() const;
  std::vector<GarbageAction> Compare();
  std::vector<GarbageAction> ReadDifferences();
  std::vector<GarbageAction> RepairKey(const std::string& engine_key, const Difference& difference);
  void FinishRepairIfDone();

  const GarbageQuery query_;
  // What kRaiseFloor of this phase raises to.
  model::Ballot target_floor_;
  std::vector<Replica> replicas_;
  std::map<std::string, Difference> differences_;
  size_t repairs_under_way_ = 0;
  size_t repaired_keys_ = 0;
  uint64_t dropped_ = 0;
  bool has_repaired_ = false;
  Phase phase_ = Phase::kCompare;
  std::string failure_;
};

}  // namespace quorumcache::replica
