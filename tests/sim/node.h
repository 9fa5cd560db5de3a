// SPDX-License-Identifier: Apache-2.0
// SimNode: one storage node: a real Replica over a MemoryEngine, a clock of its own, and a process
// that can be killed, paused, wiped and started again.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/model/replica_message.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/replica/replica.h"

namespace quorumcache::sim {

// Thread-compatible.
class SimNode {
 public:
  SimNode(uint64_t incarnation, const replica::TestMutations& mutations);

  bool is_up() const { return replica_ != nullptr; }
  uint64_t incarnation() const { return incarnation_; }
  engine::MemoryEngine& engine() { return engine_; }

  // Requires: is_up().
  model::ReplicaReply Execute(const model::ReplicaRequest& request, uint64_t wall_ms);

  void Kill() { replica_.reset(); }
  // Starts over what is on the disk; may fail where that is full.
  void Start();
  // An empty disk, as `incarnation`. Requires: not up.
  void Wipe(uint64_t incarnation);

 private:
  uint64_t incarnation_;
  replica::TestMutations mutations_;
  engine::MemoryEngine engine_;
  std::unique_ptr<replica::Replica> replica_;
  std::vector<model::ReplicaReply> replies_;
};

}  // namespace quorumcache::sim
