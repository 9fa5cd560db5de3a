// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/execution.h"

#include <algorithm>
#include <variant>

#include "common/base/check.h"
#include "common/base/probe.h"
#include "storage_node/replica/gate.h"

namespace quorumcache::replica {
namespace {

using model::ReplyStatus;

void FillState(const WorkingKey& key, model::ReplicaReply* reply) {
  reply->state = key.state;
  reply->expire_at_ms = key.expire_at_ms;
}

Executed ExecuteRead(const model::ReadRequest& read, const WorkingKey& key,
                     model::ReplicaReply* reply) {
  reply->status = ReplyStatus::kOk;
  FillState(key, reply);
  if (!read.digest) reply->record = key.CurrentRecord();
  return {};
}

Executed ExecutePrepare(const model::PrepareRequest& prepare, const model::Ballot& floor,
                        WorkingKey* key, model::ReplicaReply* reply) {
  if (ApplyPrepare(prepare.ballot, floor, &key->now) == Verdict::kRefused) {
    QC_PROBE("replica_prepare_refused");
    reply->status = ReplyStatus::kRefused;
    return {};
  }
  reply->status = ReplyStatus::kOk;
  FillState(*key, reply);
  reply->record = key->CurrentRecord();
  return {.is_change = true};
}

// A ballot of before the partition's last change of members: whoever joined then has not heard of
// promises made before, so it is dead. Hints and repair between full members bring it late, and
// may.
bool IsBelowBallotFloor(const model::AcceptRequest& accept, const PartitionRow& row,
                        const TestMutations& mutations) {
  return accept.ballot.epoch < row.ballot_floor_epoch && !accept.repair &&
         !mutations.no_ballot_floor;
}

AcceptLeniency LeniencyOf(const model::AcceptRequest& accept, const TestMutations& mutations) {
  const bool is_blind = accept.record.lineage.changes().empty();
  return AcceptLeniency{
      .ignore_promise = (is_blind && mutations.ignore_promise_on_blind_write) ||
                        (accept.repair && mutations.repair_ignores_promise),
      .ignore_accepted = mutations.ignore_accepted,
      .ignore_floor = mutations.ignore_floor,
  };
}

void TakeRecord(const model::AcceptRequest& accept, const PartitionRow& row,
                const TestMutations& mutations, WorkingKey* key) {
  // I8: a floor says that all at or below it has been forgotten everywhere.
  QC_CHECK(accept.ballot > row.floor || mutations.ignore_floor);
  key->accepted_record = &accept.record;
  key->state = accept.record.state;
  key->expire_at_ms = accept.record.expire_at_ms;
  if (mutations.forget_previous) key->now.previous = model::Ballot{};
}

Executed ExecuteAccept(const model::AcceptRequest& accept, const PartitionRow& row,
                       const TestMutations& mutations, WorkingKey* key,
                       model::ReplicaReply* reply) {
  const bool is_held = accept.ballot == key->now.accepted;
  if (!is_held && IsBelowBallotFloor(accept, row, mutations)) {
    QC_PROBE("replica_ballot_floor_refused");
    reply->status = ReplyStatus::kRefused;
    return {};
  }
  const model::Ballot next = mutations.ignore_next ? model::Ballot{} : accept.next;
  const model::Ballot promise_before = key->now.promise();
  const Verdict verdict =
      ApplyAccept(accept.ballot, next, row.floor, LeniencyOf(accept, mutations), &key->now);
  if (verdict == Verdict::kRefused) {
    QC_PROBE("replica_accept_refused");
    reply->status = ReplyStatus::kRefused;
    return {};
  }
  reply->status = ReplyStatus::kOk;
  if (verdict == Verdict::kRepeat) {
    QC_PROBE("replica_accept_repeated");
    return {.needs_fsync = accept.fsync};
  }
  QC_CHECK(key->now.promise() >= promise_before || mutations.ignore_accepted);
  FillState(*key, reply);
  TakeRecord(accept, row, mutations, key);
  return {.is_change = true, .needs_fsync = accept.fsync};
}

}  // namespace

Executed Execute(const model::ReplicaRequest& request, const PartitionRow& row,
                 const TestMutations& mutations, WorkingKey* key, model::ReplicaReply* reply) {
  QC_CHECK(key->status.ok());
  // I6: the gate lets lower epochs through for repair only.
  const auto* accept = std::get_if<model::AcceptRequest>(&request.body);
  QC_CHECK(SkipsEpoch(request) || mutations.no_fence || request.epoch >= row.epoch);
  Executed executed;
  if (accept != nullptr) {
    executed = ExecuteAccept(*accept, row, mutations, key, reply);
  } else if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
    executed = ExecutePrepare(*prepare, row.floor, key, reply);
  } else {
    executed = ExecuteRead(std::get<model::ReadRequest>(request.body), *key, reply);
  }
  reply->accepted = key->now.accepted;
  reply->promised = std::max(key->now.promise(), row.floor);
  reply->previous = key->now.previous;
  return executed;
}

}  // namespace quorumcache::replica
