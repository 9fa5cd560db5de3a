// SPDX-License-Identifier: Apache-2.0
// TcpProxy: stands between processes of a test and spoils their connections while they run.
//
//   auto proxy = TcpProxy::Start([](const TcpProxy::Peer&) { return std::string("c1"); });
//   proxy->Open("n1");                      // a door; tell c1 that n1 is at proxy->Address("n1")
//   proxy->SetTarget("n1", node_port);
//   proxy->SetRules({"c1", "n1"}, {.hold_backward = true});   // n1's answers stay on their way
//   proxy->SetRules({"c1", "n1"}, {});                        // and arrive, late
//
// A link is one source and one door: rules hold for the connections that are open and for new ones.
// TCP promises order and no gaps, so lost packets show as bytes that come late or as a connection
// that breaks; those are the faults there are: delay, hold (a cut, one-way or both ways) and reset.
// What is held is delivered when the hold ends, however late, unless the connection was reset.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quorumcache::support {

struct LinkRules {
  // Nothing gets through from the source to the target, or back: not even the end of a connection.
  bool hold_forward = false;
  bool hold_backward = false;
  // Added to the way of every byte.
  absl::Duration delay_forward;
  absl::Duration delay_backward;
  // New connections are reset at once.
  bool refuse = false;
};

// Who connects, and through which door.
using Link = std::pair<std::string, std::string>;

// Thread-safe. One thread of its own moves the bytes.
class TcpProxy {
 public:
  // One accepted connection: both ports are of 127.0.0.1.
  struct Peer {
    std::string door;
    uint16_t source_port = 0;
    uint16_t door_port = 0;
  };
  // Names the source of a connection; called on the proxy's thread, once a connection.
  using SourceOf = std::function<std::string(const Peer&)>;

  static absl::StatusOr<std::unique_ptr<TcpProxy>> Start(SourceOf source_of);
  // Resets every connection.
  ~TcpProxy();

  // Listens on a free port of 127.0.0.1. Until it has a target, connections are reset.
  absl::Status Open(const std::string& door);
  // Requires: Open(door). Only connections made afterwards go there.
  void SetTarget(const std::string& door, uint16_t port);
  // 127.0.0.1:PORT. Requires: Open(door).
  std::string Address(const std::string& door) const;

  void SetRules(const Link& link, const LinkRules& rules);
  // Forgets all rules: what was held is delivered.
  void Heal();
  // Resets the connections of a link, at both ends, and what was on its way is lost.
  void Reset(const Link& link);

  // Connections accepted so far, the refused ones too; for tests.
  uint64_t AcceptedCount() const;

 private:
  class Impl;
  explicit TcpProxy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumcache::support
