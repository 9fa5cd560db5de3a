// SPDX-License-Identifier: Apache-2.0
// EngineContract: what every engine promises (storage_node/engine/engine.h), as tests that each
// engine's own test file instantiates with a way to make and to reopen one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "storage_node/engine/engine.h"

namespace quorumcache::engine {

// A place where an engine lives, with its data.
class EngineHome {
 public:
  virtual ~EngineHome() = default;
  // Requires: start() or Restart() has been called.
  virtual Engine& engine() = 0;
  // Ends the engine as a new process would find it, and opens it again.
  virtual void Restart() = 0;
};

struct EngineKind {
  std::string name;
  std::function<std::unique_ptr<EngineHome>()> make;
};

class EngineContract : public testing::TestWithParam<EngineKind> {
 protected:
  EngineContract() : home_(GetParam().make()) {}

  Engine& engine() { return home_->engine(); }
  void Restart() { home_->Restart(); }

  // One Put, written.
  void Put(Family family, absl::string_view key, absl::string_view value);
  std::string GetOrMissing(Family family, absl::string_view key);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Pairs Walk(Family family, const Range& range);

 private:
  std::unique_ptr<EngineHome> home_;
};

inline std::string EngineKindName(const testing::TestParamInfo<EngineKind>& info) {
  return info.param.name;
}

}  // namespace quorumcache::engine
