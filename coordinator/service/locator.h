// SPDX-License-Identifier: Apache-2.0
// Locator: where a key lives and what each of its replicas says it holds.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/time.h"
#include "coordinator/service/cache_backend.h"
#include "coordinator/service/locate_op.h"
#include "coordinator/service/op_runner.h"
#include "coordinator/service/operation_maker.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// One Locate; deletes itself when it has answered. Loop thread only.
class Locator final : private OpRunner::Listener {
 public:
  using Done = std::function<void(KeyLocation)>;

  // `done` is called once, possibly at once. "" is the default namespace. Requires: `view` is set
  // and the runner can take one more.
  static void Start(OpRunner& runner, const OperationMaker& maker,
                    std::shared_ptr<const TopologyView> view, std::string namespace_name,
                    std::string key, base::MonotonicTime deadline, Done done);

 private:
  Locator(std::shared_ptr<const TopologyView> view, Done done);
  void OnFinished(OpRunner::Job& job) override;
  ReplicaView ViewOf(const model::Replica& replica,
                     const std::optional<model::ReplicaReply>& reply) const;

  const std::shared_ptr<const TopologyView> view_;
  const Done done_;
};

}  // namespace quorumcache::service
