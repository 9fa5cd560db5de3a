// SPDX-License-Identifier: Apache-2.0
// LocateOp: asks every replica of a key for its record and keeps what each says. For people who
// look.
#pragma once

#include <optional>
#include <vector>

#include "coordinator/quorum/operation.h"

namespace quorumcache::service {

// Finishes when all have answered, or at the deadline. Pure, like the operations of the quorum
// core. Thread-compatible.
class LocateOp final : public quorum::Operation {
 public:
  LocateOp(quorum::OperationContext context, model::Key key);

  quorum::Actions Start(const base::Now& now) override;
  quorum::Actions OnReply(quorum::ReplicaIndex replica, uint32_t round, model::ReplicaReply reply,
                          const base::Now& now) override;
  quorum::Actions OnTimer(const base::Now& now) override;
  base::MonotonicTime wake_at() const override;

  // One a replica, in the order of replicas(); nullopt: no answer.
  const std::vector<std::optional<model::ReplicaReply>>& replies() const { return replies_; }

 private:
  quorum::Actions FinishIf(bool over);

  std::vector<std::optional<model::ReplicaReply>> replies_;
  size_t answered_ = 0;
};

}  // namespace quorumcache::service
