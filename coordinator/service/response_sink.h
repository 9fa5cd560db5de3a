// SPDX-License-Identifier: Apache-2.0
// ResponseSink: who gets a response, for doors on the loop's thread: a virtual call instead of a
// std::function, so that an operation allocates nothing for its way back.
#pragma once

#include <cstdint>

#include "coordinator/service/cache_backend.h"

namespace quorumcache::service {

class ResponseSink {
 public:
  // The answer to one request; exactly once, possibly within the call that made it. `cookie` is the
  // caller's own. Loop thread.
  virtual void OnResponse(uint64_t cookie, CacheResponse&& response) = 0;
  // Who waits for it. Asked only before the answer, and only where it took long. Loop thread.
  virtual Caller CallerOf(uint64_t cookie) { return Caller(); }

 protected:
  ~ResponseSink() = default;
};

}  // namespace quorumcache::service
