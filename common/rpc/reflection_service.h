// SPDX-License-Identifier: Apache-2.0
// ReflectionService: grpc.reflection.v1alpha on the event loop, so that grpcurl and friends can
// explore.
//
// gRPC's plugin is a sync service, whose threads would poll beside the event loop (event_loop.h
// says what that costs).
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

namespace quorumcache::rpc {

// Thread-compatible: everything on the loop's thread.
class ReflectionService {
 public:
  // Full names of the services to list, e.g. "quorumcache.v1.CacheService".
  explicit ReflectionService(std::vector<std::string> service_names);
  ~ReflectionService();

  // For ServerOptions::services.
  grpc::Service* service();
  // Answers calls from now on.
  void Start(grpc::ServerCompletionQueue& queue);
  // Ends the streams. Before Server::Shutdown.
  void Close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumcache::rpc
