// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/node.h"

#include <span>
#include <utility>

#include "common/base/check.h"
#include "storage_node/engine/engine.h"

namespace quorumcache::sim {

SimNode::SimNode(uint64_t incarnation, const replica::TestMutations& mutations)
    : incarnation_(incarnation), mutations_(mutations) {}

std::vector<model::ReplicaReply> SimNode::Execute(std::span<const model::ReplicaRequest> requests,
                                                  uint64_t wall_ms) {
  QC_CHECK(is_up());
  std::vector<model::ReplicaReply> replies;
  replica_->Apply(requests, wall_ms, &replies);
  return replies;
}

void SimNode::Start(const replica::PartitionAssignment& assignment) {
  QC_CHECK(!is_up());
  engine_.Restart();
  ++starts_;
  replica::ReplicaOptions options;
  options.incarnation = incarnation_;
  options.partition_count = 1;
  options.cache_bytes_max = 16 * 1024;
  options.mutations = mutations_;
  auto opened = replica::Replica::Open(&engine_, options);
  QC_CHECK(opened.ok());
  replica_ = *std::move(opened);
  // A new disk that is full cannot even take the epoch: such a process does not come up.
  if (!replica_->Configure(std::span(&assignment, 1)).ok()) replica_.reset();
}

void SimNode::Wipe() {
  QC_CHECK(!is_up());
  engine_.Wipe();
}

void SimNode::ChangeIdentity(uint64_t incarnation) {
  QC_CHECK(!is_up());
  incarnation_ = incarnation;
}

bool SimNode::CorruptKey(uint64_t pick) {
  QC_CHECK(!is_up());
  const bool promise_first = pick % 4 == 0;
  for (const bool promise : {promise_first, !promise_first}) {
    const engine::Family family = promise ? engine::Family::kPromises : engine::Family::kRecords;
    const auto it = engine_.NewIterator(family, engine::Range{});
    if (it->Valid() && engine_.CorruptValue(family, it->key(), pick / 4)) return true;
  }
  return false;
}

void SimNode::Configure(const replica::PartitionAssignment& assignment) {
  QC_CHECK(is_up());
  replica_->Configure(std::span(&assignment, 1)).IgnoreError();
}

}  // namespace quorumcache::sim
