// SPDX-License-Identifier: Apache-2.0
// What all connections of one server share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/http/router.h"
#include "common/http/server_options.h"

namespace quorumcache::http {

// Thread-safe: constants and atomic counters.
class ServerContext {
 public:
  // `router` outlives every connection's thread.
  ServerContext(ServerOptions options, const Router& router, uint64_t id_prefix)
      : options_(std::move(options)), router_(router), id_prefix_(id_prefix) {}

  const ServerOptions& options() const { return options_; }
  const Router& router() const { return router_; }

  // `proposed` if it can be echoed in a header and a log line (1 to 128 letters, digits and
  // "-._:+/="); otherwise 32 hex digits that this process has not used before.
  std::string RequestId(absl::string_view proposed);

  std::atomic<size_t>& connection_count() { return connection_count_; }
  // The process will stop soon: answers say "Connection: close", so that the connections which a
  // proxy keeps are gone before this process closes any that a request may be on its way to.
  std::atomic<bool>& stopping_soon() { return stopping_soon_; }
  // Bytes of request bodies held.
  std::atomic<size_t>& body_bytes() { return body_bytes_; }

 private:
  const ServerOptions options_;
  const Router& router_;
  const uint64_t id_prefix_;
  std::atomic<uint64_t> next_id_{1};
  std::atomic<size_t> connection_count_{0};
  std::atomic<size_t> body_bytes_{0};
  std::atomic<bool> stopping_soon_{false};
};

// Counts one connection for its own lifetime. Move-only.
class ConnectionPermit {
 public:
  explicit ConnectionPermit(std::shared_ptr<ServerContext> context)
      : context_(std::move(context)), rank_(++context_->connection_count()) {}
  ConnectionPermit(ConnectionPermit&&) = default;
  ~ConnectionPermit() {
    if (context_ != nullptr) --context_->connection_count();
  }

  // How many connections there were with this one, when it came.
  size_t rank() const { return rank_; }

 private:
  std::shared_ptr<ServerContext> context_;
  size_t rank_;
};

}  // namespace quorumcache::http
