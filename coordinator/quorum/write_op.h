// SPDX-License-Identifier: Apache-2.0
// WriteOp: a blind Set or Delete. One Accept to every replica; a majority of yeses and it is done.
//
// Protocol: docs/PROTOCOL.md#operations. Where a majority of yeses is out of reach it falls back to
// a RegisterOp, which finds out whether the write was ever visible before it does anything again.
// Hot path: one heap allocation, the operation, and the strings that the mutation came with.
#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/quorum/failures.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/quorum/register_op.h"

namespace quorumcache::quorum {

// Sending -> finished, or -> fallen back -> finished.
//
// Invariants (docs/PROTOCOL.md#invariants):
//   I2  the ballot carries one record, sent once to each replica.
//   I3  it is acknowledged exactly when yes_ covers the slots required; yes_ and no_ are disjoint.
// Thread-compatible, as every Operation.
class WriteOp final : public Operation {
 public:
  // Requires: mutation.IsBlind().
  WriteOp(OperationContext context, model::Key key, Mutation mutation);

  [[nodiscard]] Actions Start(const base::Now& now) override;
  [[nodiscard]] Actions OnReply(ReplicaIndex replica, uint32_t round, model::ReplicaReply reply,
                                const base::Now& now) override;
  [[nodiscard]] Actions OnTimer(const base::Now& now) override;
  base::MonotonicTime wake_at() const override;
  Mutation TakeMutation() override;
  uint32_t rounds() const override;
  ReplicaMask awaited() const override;
  std::optional<model::RequestId> request_id() const override;

 private:
  void MakeRecord();
  Mutation RestoreMutation();
  model::RequestId Id() const;

  Actions OnYes(ReplicaIndex replica, const model::ReplicaReply& reply, const base::Now& now);
  Actions OnNo(ReplicaIndex replica, const model::ReplicaReply& reply, const base::Now& now);
  Actions LookOn(const base::Now& now);
  // No replica has applied it, and none ever will.
  bool IsDead() const;
  Actions FallBack(const base::Now& now);
  Actions FromFallback(Actions actions);
  Actions Finish();
  Actions Fail(OpError error);

  Mutation mutation_;     // its value and content type are in record_ until it falls back
  model::Record record_;  // what every Accept of round 1 carries
  model::Ballot ballot_;
  uint8_t required_ = 0;
  ReplicaMask yes_ = 0;
  ReplicaMask no_ = 0;      // will never say yes
  ReplicaMask lost_ = 0;    // of these, may have accepted it
  ReplicaMask silent_ = 0;  // of these, could not be reached
  bool replaced_ = false;
  uint64_t now_ms_ = 0;
  Failures failures_;
  std::unique_ptr<RegisterOp> fallback_;
};

}  // namespace quorumcache::quorum
