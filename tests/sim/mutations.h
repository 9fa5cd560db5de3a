// SPDX-License-Identifier: Apache-2.0
// The planted bugs by name: what `qc-sim --mutation NAME` and the mutation test switch on.
#pragma once

#include <cstdint>
#include <span>

#include "absl/strings/string_view.h"
#include "tests/sim/plan.h"

namespace quorumcache::sim {

struct NamedMutation {
  const char* name;
  // Histories within which the simulator must have found it.
  uint64_t budget;
  SimOptions options;
};

std::span<const NamedMutation> AllMutations();
// nullptr: no such name.
const NamedMutation* FindMutation(absl::string_view name);

}  // namespace quorumcache::sim
