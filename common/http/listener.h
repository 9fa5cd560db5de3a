// SPDX-License-Identifier: Apache-2.0
// Listener: a bound port, and the accepting of connections for a set of loops.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/http/loop.h"

namespace quorumcache::http {

// Belongs to the thread of the first loop once Accept() has been called; shared with its own
// callbacks.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // Requires: at least one loop.
  Listener(std::shared_ptr<ServerContext> context, std::vector<std::shared_ptr<Loop>> loops);

  // Binds and listens. UNAVAILABLE when the address is in use, INVALID_ARGUMENT when it is not an
  // address of this machine, PERMISSION_DENIED for a privileged port; each says which address and
  // what to do.
  absl::Status Open();
  uint16_t port() const { return port_; }

  // Accepts from now on, handing connections to the loops in turn.
  void Accept();
  // Takes what is connected already, then nothing more.
  void Close();

 private:
  void OnAccepted(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket);
  void HandOver(boost::asio::ip::tcp::socket socket);
  // Accept() again in a moment: out of file descriptors, it would fail in a busy loop.
  void AcceptLater();

  const std::shared_ptr<ServerContext> context_;
  const std::vector<std::shared_ptr<Loop>> loops_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_timer_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;
};

}  // namespace quorumcache::http
