// SPDX-License-Identifier: Apache-2.0
// ScenarioDriver: performs the commands of a scenario file on one real operation, with scripted
// replicas.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/quorum/register_op.h"
#include "tests/scenarios/scenario_text.h"

namespace quorumcache::scenarios {

// Thread-compatible. Time is 100 ms at the start and one more with every command.
class ScenarioDriver {
 public:
  ScenarioDriver();

  // Performs one command and says what the operation did, one line a thing. Aborts on unknown
  // commands.
  std::string Perform(absl::string_view command);

 private:
  void Configure(const Words& words);
  std::string Start(const std::string& kind, const Words& words);
  std::string Reply(const Words& words);
  std::string Timer();
  std::string Describe(const quorum::Actions& actions);
  quorum::ReplicaIndex ReplicaNamed(absl::string_view name) const;
  base::Now Now() const;

  model::HybridClock clock_;
  base::Random random_{1};
  uint64_t now_ms_ = 99;
  quorum::OperationContext context_;
  std::unique_ptr<quorum::Operation> operation_;
  // Set while operation_ is one: it may reserve a ballot.
  quorum::RegisterOp* register_ = nullptr;
  std::optional<quorum::CachedBallot> cached_;
  uint32_t round_of_[16] = {};  // last round sent to each replica
};

}  // namespace quorumcache::scenarios
