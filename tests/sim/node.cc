// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/node.h"

#include <span>
#include <utility>

#include "common/base/check.h"

namespace quorumcache::sim {

SimNode::SimNode(uint64_t incarnation, const replica::TestMutations& mutations)
    : incarnation_(incarnation), mutations_(mutations) {
  Start();
}

model::ReplicaReply SimNode::Execute(const model::ReplicaRequest& request, uint64_t wall_ms) {
  QC_CHECK(is_up());
  replica_->Apply(std::span(&request, 1), wall_ms, &replies_);
  return std::move(replies_.front());
}

void SimNode::Start() {
  engine_.Restart();
  replica::ReplicaOptions options;
  options.incarnation = incarnation_;
  options.partition_count = 1;
  options.cache_bytes_max = 16 * 1024;
  options.mutations = mutations_;
  auto opened = replica::Replica::Open(&engine_, options);
  QC_CHECK(opened.ok());
  replica_ = *std::move(opened);
  const replica::PartitionAssignment assignment{
      .partition = 0, .epoch = 1, .ballot_floor_epoch = 1, .is_held = true};
  // A new disk that is full cannot even take the epoch: such a process does not come up.
  if (!replica_->Configure(std::span(&assignment, 1)).ok()) replica_.reset();
}

void SimNode::Wipe(uint64_t incarnation) {
  QC_CHECK(!is_up());
  engine_.Wipe();
  incarnation_ = incarnation;
}

}  // namespace quorumcache::sim
