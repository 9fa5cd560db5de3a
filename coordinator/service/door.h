// SPDX-License-Identifier: Apache-2.0
// Door: one gRPC method without its types, for whoever starts and stops them all.
#pragma once

namespace quorumcache::service {

// Loop thread only. Destroy after the loop was drained.
class Door {
 public:
  virtual ~Door() = default;
  // Takes calls from now on.
  virtual void Start() = 0;
  // The server is about to stop. Unary doors go on until it has (a call that slips in is served,
  // not cut off); streams end as soon as what they have under way is answered.
  virtual void Close() = 0;
};

}  // namespace quorumcache::service
