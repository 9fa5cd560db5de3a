// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/operation_maker.h"

#include <algorithm>
#include <utility>

#include "coordinator/quorum/make_operation.h"
#include "coordinator/quorum/register_op.h"

namespace quorumcache::service {

quorum::OperationContext OperationMaker::MakeContext(const TopologyView& view, uint32_t partition,
                                                     OpRunner::Job& job) const {
  quorum::OperationContext context;
  context.clock = &clock_;
  context.random = &random_;
  context.proposer = proposer_;
  context.replicas = view.replicas(partition);
  context.deadline = job.deadline;
  context.consistency = job.consistency;
  job.links.clear();
  for (const model::Replica& replica : context.replicas.replicas) {
    const LinkId link = view.link(replica.node);
    if (!transport_.IsUp(link)) context.unreachable |= quorum::Bit(job.links.size());
    job.links.push_back(link);
  }
  return context;
}

void OperationMaker::MakeRead(const TopologyView& view, model::Key key, uint64_t hedges_so_far,
                              OpRunner::Job& job) {
  quorum::OperationContext context = MakeContext(view, view.PartitionOf(key), job);
  // The slowest of the replicas that the read asks first (a majority of those that are up) decides
  // when it has waited long enough.
  absl::Duration hedge_delay = absl::ZeroDuration();
  size_t asked = 0;
  for (size_t i = 0; i < job.links.size() && asked < context.replicas.Majority(); ++i) {
    if (context.unreachable & quorum::Bit(i)) continue;
    hedge_delay = std::max(hedge_delay, transport_.HedgeDelay(job.links[i]));
    ++asked;
  }
  hedge_delay = hedge_budget_.DelayFor(hedge_delay, hedges_so_far);
  job.operation = quorum::MakeRead(std::move(context), std::move(key), hedge_delay);
}

void OperationMaker::MakeMutation(const TopologyView& view, model::Key key,
                                  quorum::Mutation mutation, bool next_wanted, OpRunner::Job& job) {
  quorum::OperationContext context = MakeContext(view, view.PartitionOf(key), job);
  job.reserving = nullptr;
  job.is_blind = mutation.IsBlind() && !job.lane.pass.exclusive;
  if (job.is_blind) {
    ballots_.Invalidate(job.lane.token);
    job.operation = quorum::MakeMutation(std::move(context), std::move(key), std::move(mutation));
    return;
  }
  BallotCache::Taken taken = ballots_.Take(job.lane.token, key, context.replicas.epoch);
  quorum::RegisterOptions options;
  options.cached = std::move(taken.ballot);
  options.follows = job.lane.pass.follows;
  options.reserve_next = taken.seen || next_wanted;
  auto operation = std::make_unique<quorum::RegisterOp>(std::move(context), std::move(key),
                                                        std::move(mutation), std::move(options));
  job.reserving = operation.get();
  job.operation = std::move(operation);
}

void OperationMaker::KeepBallot(OpRunner::Job& job) {
  if (job.reserving == nullptr) return;
  std::optional<quorum::CachedBallot> ballot = job.reserving->TakeCachedBallot();
  if (ballot) ballots_.Put(job.lane.token, job.operation->key(), *std::move(ballot));
}

}  // namespace quorumcache::service
