// SPDX-License-Identifier: Apache-2.0
// Door: a way into the cluster: gRPC as it is, our C++ client with its retries, or HTTP.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/histories/ask.h"

namespace quorumcache::histories {

// Of one try. A coordinator that is asked over gRPC gives up a little earlier than its client.
inline constexpr absl::Duration kTryTimeout = absl::Seconds(1);

// Thread-compatible.
class Door {
 public:
  virtual ~Door() = default;
  // Blocks for kTryTimeout and a little more at most.
  virtual Answer Try(const Ask& ask) = 0;
};

std::unique_ptr<Door> MakeGrpcDoor(const std::string& address);
// All coordinators at once: it goes from one to the next by itself.
std::unique_ptr<Door> MakeClientDoor(const std::vector<std::string>& addresses);
// Cannot return previous values. Requires: every Ask has return_previous = false.
std::unique_ptr<Door> MakeHttpDoor(const std::string& address);

}  // namespace quorumcache::histories
