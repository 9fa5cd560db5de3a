// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/locate_op.h"

#include <utility>

#include "common/base/check.h"

namespace quorumcache::service {

LocateOp::LocateOp(quorum::OperationContext context, model::Key key)
    : Operation(std::move(context), std::move(key)), replies_(replicas().replicas.size()) {}

quorum::Actions LocateOp::Start(const base::Now& now) {
  quorum::Actions actions;
  for (size_t i = 0; i < replies_.size(); ++i) {
    quorum::Send send;
    send.replica = static_cast<quorum::ReplicaIndex>(i);
    send.body = model::ReadRequest{};
    actions.sends.push_back(send);
  }
  return actions;
}

quorum::Actions LocateOp::OnReply(quorum::ReplicaIndex replica, uint32_t round,
                                  model::ReplicaReply reply, const base::Now& now) {
  QC_CHECK(replica < replies_.size());
  if (finished_ || replies_[replica]) return {};
  replies_[replica] = std::move(reply);
  ++answered_;
  return FinishIf(answered_ == replies_.size());
}

quorum::Actions LocateOp::OnTimer(const base::Now& now) {
  return FinishIf(now.monotonic >= context_.deadline);
}

quorum::Actions LocateOp::FinishIf(bool over) {
  quorum::Actions actions;
  if (over && !finished_) actions.finished = finished_ = true;
  return actions;
}

base::MonotonicTime LocateOp::wake_at() const {
  return finished_ ? base::MonotonicTime::Infinite() : context_.deadline;
}

}  // namespace quorumcache::service
