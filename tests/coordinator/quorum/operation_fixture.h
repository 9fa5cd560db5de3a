// SPDX-License-Identifier: Apache-2.0
// OperationFixture: what a test needs to drive an operation by hand.
#pragma once

#include <utility>

#include "common/base/random.h"
#include "coordinator/quorum/operation.h"
#include "gtest/gtest.h"

namespace quorumcache::quorum {

// Three plain slots, epoch 1, a clock that stands still.
class OperationFixture : public testing::Test {
 protected:
  static constexpr uint64_t kWallMs = 1'000'000;

  OperationContext Context() {
    OperationContext context;
    context.clock = &clock_;
    context.random = &random_;
    context.proposer = 7;
    context.replicas.epoch = 1;
    context.replicas.slot_count = 3;
    for (uint8_t i = 0; i < 3; ++i) context.replicas.replicas.push_back({i, i});
    context.deadline = deadline_;
    return context;
  }

  base::Now Now() const { return base::Now{base::MonotonicTime::FromNanos(1), kWallMs}; }

  Actions Reply(Operation* operation, const Send& send, model::ReplyStatus status) {
    model::ReplicaReply reply;
    reply.status = status;
    return operation->OnReply(send.replica, send.round, std::move(reply), Now());
  }

  void ReplyToAll(Operation* operation, const Actions& actions, model::ReplyStatus status) {
    for (const Send& send : actions.sends) {
      if (!operation->settled()) (void)Reply(operation, send, status);
    }
  }

  model::HybridClock clock_;
  base::Random random_{1};
  base::MonotonicTime deadline_ = base::MonotonicTime::FromNanos(1'000'000'000);
};

}  // namespace quorumcache::quorum
