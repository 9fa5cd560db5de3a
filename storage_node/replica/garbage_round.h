// SPDX-License-Identifier: Apache-2.0
// GarbageRound: one attempt to forget the garbage of one partition, over all of its replicas.
// Protocol: docs/PROTOCOL.md#forgetting. Pure: replies in, actions out; whoever runs it sends them.
//
//   kCompare  all N digests of the entries up to f; none has garbage: done
//   kRaise    all N persist the floor f
//   kConfirm  all N digests of the live entries up to f, to which nothing can be added any more
//   kDrop     all N drop their garbage up to f
//
// Where digests differ, kList finds the keys and kRepair reads them from all and brings the newest
// record to those that lack it, before it goes on. Where the floors differ (an earlier round broke
// off) kLevel raises them to the highest first. kFailed: a replica said no or could not be asked.
// Nothing is forgotten before all N agree, so a round may break off anywhere and be repeated.
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
#include "storage_node/replica/garbage_diff.h"

namespace quorumcache::replica {

// The query of a round: f is older than `grace_ms`, under the partition's epoch, and only what
// expired that long ago counts as expired, so that no clock's error drops a record early. Requires:
// grace_ms < now_ms, and grace_ms is above the largest clock skew and the longest deadline
// (limits::kGcGraceMsDefault).
GarbageQuery MakeGarbageQuery(uint32_t partition, uint32_t epoch, uint64_t now_ms,
                              uint64_t grace_ms);

// What is to be asked of one replica.
struct GarbageAction {
  enum class Kind : uint8_t { kDigest, kList, kRead, kPrepare, kAccept, kRaiseFloor, kDrop };
  Kind kind = Kind::kDigest;
  size_t replica = 0;
  // kDigest, kList, kDrop, kRaiseFloor; but for the incarnation, which is the replica's.
  GarbageQuery query;
  // kRead, kPrepare, kAccept.
  std::string engine_key;
  // kPrepare, kAccept.
  model::Ballot ballot;
  // kAccept.
  model::Record record;
  // kAccept: AcceptRequest::repair.
  bool is_repair = false;
};

struct GarbageRoundOptions {
  // A ballot that has not been used for any key, of the partition's epoch and the present, and
  // above query.floor: for records at or below a floor, which can only be brought to other replicas
  // under a new ballot.
  model::Ballot settle_ballot;
  // Goes all the way also where there is no garbage: a simulated history has one key, which stands
  // for a partition of many.
  bool even_without_garbage = false;
  // A planted bug (docs/TESTING.md#mutations): garbage goes without a second look.
  bool skip_confirm = false;
};

// Thread-compatible. At most one action per replica is under way, but for those with an engine key,
// of which there are at most kRepairKeysMax per replica.
class GarbageRound {
 public:
  // Keys repaired in one go; where more differ, the round ends with them, as kRepaired.
  static constexpr size_t kRepairKeysMax = 256;
  enum class Phase : uint8_t {
    kCompare,
    kLevel,
    kList,
    kRepair,
    kRaise,
    kConfirm,
    kDrop,
    kDone,
    kFailed
  };
  enum class Result : uint8_t {
    kNone,      // not finished, or failed
    kNothing,   // no replica has garbage up to f
    kDropped,   // it has gone everywhere
    kRepaired,  // replicas differed too much, or still do; another round may come at once
  };

  // `query.after` is empty. Requires: replica_count > 0, counting every node of every slot.
  GarbageRound(const GarbageQuery& query, size_t replica_count, const GarbageRoundOptions& options);

  std::vector<GarbageAction> Start();
  // The answers; each returns what to do next. Those that come after the end are ignored.
  std::vector<GarbageAction> OnDigest(size_t replica, const DigestPage& page);
  std::vector<GarbageAction> OnEntries(size_t replica, const EntryPage& page);
  std::vector<GarbageAction> OnFloorRaised(size_t replica, const GarbagePage& page);
  std::vector<GarbageAction> OnDropped(size_t replica, const DropPage& page);
  // To the actions with an engine key. A refusal is an answer: the replica has something newer.
  std::vector<GarbageAction> OnRead(size_t replica, const std::string& engine_key,
                                    const model::ReplicaReply& reply);
  std::vector<GarbageAction> OnPrepared(size_t replica, const std::string& engine_key,
                                        const model::ReplicaReply& reply);
  std::vector<GarbageAction> OnAccepted(size_t replica, const std::string& engine_key,
                                        const model::ReplicaReply& reply);

  Phase phase() const { return phase_; }
  bool is_finished() const { return phase_ == Phase::kDone || phase_ == Phase::kFailed; }
  Result result() const { return result_; }
  uint64_t dropped() const { return dropped_; }
  size_t repaired_keys() const { return repaired_keys_; }
  // kFailed: for people, and the replica's status.
  const std::string& failure() const { return failure_; }
  model::ReplyStatus failure_status() const { return failure_status_; }

 private:
  struct Replica {
    EntryDigest digest;
    model::Ballot floor;
    // Has answered all of the present phase.
    bool is_ready = false;
  };
  // A key that replicas do not agree on.
  struct Difference {
    // To the reads, then, where it is settled, to the prepares.
    std::vector<std::optional<model::ReplicaReply>> replies;
    size_t answered = 0;
    size_t accepts_under_way = 0;
  };
  using Actions = std::vector<GarbageAction>;

  Actions Enter(Phase phase, GarbageAction::Kind kind);
  Actions Finish(Result result);
  Actions Fail(size_t replica, model::ReplyStatus status, const std::string& message);
  GarbageAction ActionFor(GarbageAction::Kind kind, size_t replica) const;
  GarbageAction ActionFor(GarbageAction::Kind kind, size_t replica,
                          const std::string& engine_key) const;
  Actions PageActions(GarbageAction::Kind kind, const std::vector<GarbageDiff::Wanted>& wanted);
  // False once every replica has answered all of this phase.
  bool IsWaiting() const;
  bool AreDigestsEqual() const;

  Actions Compare();
  Actions Confirm();
  // Goes on behind kCompare or kConfirm, with all replicas found or made equal.
  Actions GoOn();
  Actions List();
  Actions ReadDifferences();
  // The answer of `replica` for a difference; true: all have answered, and none said no for now.
  bool TakeAnswer(size_t replica, const model::ReplicaReply& reply, Difference* difference);
  Actions RepairKey(const std::string& engine_key, Difference* difference);
  Actions Settle(const std::string& engine_key, Difference* difference);
  Actions Leave(const std::string& engine_key, bool is_resolved);

  const GarbageQuery query_;
  const GarbageRoundOptions options_;
  // What kRaiseFloor of this phase raises to.
  model::Ballot target_floor_;
  std::vector<Replica> replicas_;
  std::optional<GarbageDiff> diff_;
  std::map<std::string, Difference> differences_;
  // All differences were found, and each is known to be gone.
  bool is_resolved_ = true;
  bool is_confirming_ = false;
  uint64_t garbage_count_ = 0;
  size_t repaired_keys_ = 0;
  uint64_t dropped_ = 0;
  Phase phase_ = Phase::kCompare;
  Result result_ = Result::kNone;
  model::ReplyStatus failure_status_ = model::ReplyStatus::kOk;
  std::string failure_;
};

}  // namespace quorumcache::replica
