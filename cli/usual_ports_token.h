// SPDX-License-Identifier: Apache-2.0
// UsualPortsToken: which playground of this machine may take the usual ports.
#pragma once

namespace quorumcache::cli {

// Held by one playground of this machine at a time, for as long as it lives: that one may take the
// usual ports. So two that start at once do not race for them. Thread-compatible.
class UsualPortsToken {
 public:
  UsualPortsToken();
  ~UsualPortsToken();
  UsualPortsToken(const UsualPortsToken&) = delete;
  UsualPortsToken& operator=(const UsualPortsToken&) = delete;

  bool held() const { return held_; }

 private:
  int socket_;
  bool held_;
};

}  // namespace quorumcache::cli
