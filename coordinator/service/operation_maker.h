// SPDX-License-Identifier: Apache-2.0
// OperationMaker: where ring, health and quorum core meet: one operation on one key, routed by one
// map.
#pragma once

#include <cstdint>
#include <memory>

#include "common/base/random.h"
#include "common/model/hlc.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/service/ballot_cache.h"
#include "coordinator/service/hedge_budget.h"
#include "coordinator/service/op_runner.h"
#include "coordinator/service/replica_transport.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// Loop thread only.
class OperationMaker {
 public:
  // All outlive the maker. `proposer` is not 0.
  OperationMaker(const ReplicaTransport& transport, model::HybridClock& clock, base::Random& random,
                 uint64_t proposer)
      : transport_(transport), clock_(clock), random_(random), proposer_(proposer) {}

  // Fills job.links and job.operation from job.consistency and job.deadline; `mutation` is unused
  // by reads.
  // `hedges_so_far`: reads that were hedged since the start; bounds how many more may be.
  void MakeRead(const TopologyView& view, model::Key key, uint64_t hedges_so_far,
                OpRunner::Job& job);
  // A write that is alone in its lane (job.lane) goes as a change, and leaves its ballot to the
  // next one: `next_wanted` says that there will be one.
  void MakeMutation(const TopologyView& view, model::Key key, quorum::Mutation mutation,
                    bool next_wanted, OpRunner::Job& job);
  // `job` has finished: keeps the ballot that it leaves, if any.
  void KeepBallot(OpRunner::Job& job);
  // As for a read of every replica.
  quorum::OperationContext MakeContext(const TopologyView& view, uint32_t partition,
                                       OpRunner::Job& job) const;

 private:
  const ReplicaTransport& transport_;
  model::HybridClock& clock_;
  base::Random& random_;
  const uint64_t proposer_;
  HedgeBudget hedge_budget_;
  BallotCache ballots_;
};

}  // namespace quorumcache::service
