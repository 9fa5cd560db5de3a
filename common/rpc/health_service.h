// SPDX-License-Identifier: Apache-2.0
// HealthService: grpc.health.v1 (Check and Watch) on the event loop.
//
// gRPC brings one of its own, but on the callback API, whose library threads poll beside the event
// loop (event_loop.h says what that costs), and which says SERVING even while the loop is stuck.
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>

namespace quorumcache::rpc {

// Thread-compatible: everything on the loop's thread.
class HealthService {
 public:
  HealthService();
  ~HealthService();

  // For ServerOptions::services.
  grpc::Service* service();
  // Answers calls from now on.
  void Start(grpc::ServerCompletionQueue& queue);
  // "" is the whole server. Watchers hear of changes at once. Names never set are NOT_FOUND to
  // Check and SERVICE_UNKNOWN to Watch.
  void Set(const std::string& name, bool serving);
  // Everything is NOT_SERVING from now on; ends the watches. Before Server::Shutdown.
  void Close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumcache::rpc
