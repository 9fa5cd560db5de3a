// SPDX-License-Identifier: Apache-2.0
// StartOver: operations whose replicas know a newer cluster map than this coordinator, waiting for
// it.
//
// They are tried again when a new map comes, or a little later (the replicas may have been in the
// middle of a change themselves), until their time or their number of attempts is up.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "coordinator/service/loop_services.h"
#include "coordinator/service/op_runner.h"
#include "coordinator/service/write_lanes.h"

namespace quorumcache::service {

// Loop thread only.
class StartOver final : private rpc::Timer {
 public:
  // `mutation` is unused by reads.
  using Waiting = WriteLanes::Write;
  using Restart = std::function<void(Waiting&&)>;

  // `restart` is called for each job that waited. `loop` outlives it.
  StartOver(LoopServices& loop, Restart restart);

  // Whether `job` may be tried once more.
  bool MayWait(const OpRunner::Job& job) const;
  // Takes what `job` was made of; its operation may still be stepped, but not asked for its result.
  // `at_once`: the newer map is here already.
  void Add(OpRunner::Job& job, bool at_once);
  // There is a new map: all are restarted now.
  void RestartAll();

  size_t size() const { return waiting_.size(); }

 private:
  void OnTimer() override { RestartAll(); }

  LoopServices& loop_;
  const Restart restart_;
  std::vector<Waiting> waiting_;
};

}  // namespace quorumcache::service
