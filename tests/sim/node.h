// SPDX-License-Identifier: Apache-2.0
// SimNode: one storage node: a real Replica over a MemoryEngine, a clock of its own, and a process
// that can be killed, paused, wiped and started again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/model/replica_message.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::sim {

// Thread-compatible.
class SimNode {
 public:
  // Not up yet.
  SimNode(uint64_t incarnation, const replica::TestMutations& mutations);

  bool is_up() const { return replica_ != nullptr; }
  uint64_t incarnation() const { return incarnation_; }
  // How often it has been started.
  uint64_t starts() const { return starts_; }
  engine::MemoryEngine& engine() { return engine_; }

  // One batch. Requires: is_up().
  std::vector<model::ReplicaReply> Execute(std::span<const model::ReplicaRequest> requests,
                                           uint64_t wall_ms);

  void Kill() { replica_.reset(); }
  // Starts over what is on the disk, with what the cluster map says now. May fail where the disk is
  // full. Requires: not up.
  void Start(const replica::PartitionAssignment& assignment);
  // An empty disk. Requires: not up.
  void Wipe();
  // Comes back as another incarnation. Requires: not up.
  void ChangeIdentity(uint64_t incarnation);
  // Flips a bit of something that is stored for the key: the `pick`th. False: nothing is. Requires:
  // not up, or what is cached hides it.
  bool CorruptKey(uint64_t pick);
  // Hears of an entry of the cluster map; kept where the disk takes it. Requires: up.
  void Configure(const replica::PartitionAssignment& assignment);
  // For what is asked besides requests: garbage rounds, transfers. Requires: up.
  replica::Replica& replica() { return *replica_; }
  // Of the one partition.
  const model::Ballot& floor() const { return replica_->partitions().row(0).floor; }

 private:
  uint64_t incarnation_;
  uint64_t starts_ = 0;
  replica::TestMutations mutations_;
  engine::MemoryEngine engine_;
  std::unique_ptr<replica::Replica> replica_;
};

}  // namespace quorumcache::sim
