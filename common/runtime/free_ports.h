// SPDX-License-Identifier: Apache-2.0
// Finding TCP ports of 127.0.0.1 that servers can listen on, and go on listening on after a
// restart.
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "absl/status/statusor.h"
#include "common/base/random.h"

namespace quorumcache::runtime {

// Whether a server could listen on 127.0.0.1:port now.
bool CanListen(uint16_t port);

// Thread-compatible.
class PortPicker {
 public:
  // `can_listen` is CanListen but in tests.
  explicit PortPicker(uint64_t seed, std::function<bool(uint16_t)> can_listen = CanListen);

  // Takes this one; false when it is taken already.
  bool Reserve(uint16_t port);
  // Takes one below the range from which the kernel gives ports to outgoing connections: one of
  // those could be in the way when a server is restarted. RESOURCE_EXHAUSTED when none was found.
  absl::StatusOr<uint16_t> Any();
  // Never gives this one.
  void Exclude(uint16_t port) { taken_.insert(port); }
  bool IsFree(uint16_t port) const { return can_listen_(port); }

 private:
  base::Random random_;
  std::function<bool(uint16_t)> can_listen_;
  std::set<uint16_t> taken_;
};

}  // namespace quorumcache::runtime
