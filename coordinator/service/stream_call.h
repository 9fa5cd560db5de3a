// SPDX-License-Identifier: Apache-2.0
// StreamCall: the life of one streaming call on the server side, for Pipeline and Scan.
//
// gRPC owns the tags of what was started until it hands them back; a call deletes itself when the
// last one is back and nothing else of its own is under way.
#pragma once

#include "common/base/check.h"

namespace quorumcache::service {

// Loop thread only. Derived classes count what they start and what comes back.
class StreamCall {
 public:
  virtual ~StreamCall() = default;
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

 protected:
  StreamCall() = default;

  // Something that will come back was started.
  void Launch() { ++under_way_; }
  // Something came back. False: it was the last and the call is over, and deleted: touch nothing.
  [[nodiscard]] bool Land() {
    QC_CHECK(under_way_ > 0);
    --under_way_;
    return !DeleteIfOver();
  }
  // Nothing more will be started but for what is already promised.
  void MarkOver() { over_ = true; }

 private:
  bool DeleteIfOver() {
    if (under_way_ > 0 || !over_) return false;
    delete this;
    return true;
  }

  int under_way_ = 0;
  bool over_ = false;
};

}  // namespace quorumcache::service
