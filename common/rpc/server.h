// SPDX-License-Identifier: Apache-2.0
// Server: a listening gRPC server whose calls come in on one completion queue.
//
// Start order: Server::Start, an EventLoop on TakeQueue(), doors armed, loop.Run(). Stop order: ask
// the doors and streams to finish, Shutdown(loop, ...), and when that is done loop.Stop() and
// loop.Drain(); then destroy in reverse.
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/event_loop.h"

namespace quorumcache::rpc {

struct ServerOptions {
  // host:port; port 0 picks a free one (port()).
  std::string listen_address;
  // Async services only (EventLoop says why). They outlive the server.
  std::vector<grpc::Service*> services;
  std::shared_ptr<grpc::ServerCredentials> credentials;  // nullptr: insecure
};

// Thread-compatible.
class Server {
 public:
  // UNAVAILABLE with the address and the reason (`Address already in use`) when it cannot listen:
  // SO_REUSEPORT is off, or two processes would share a port and each get half of the calls.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options);
  // Requires: Shutdown has finished, or the queue was not taken.
  ~Server();

  // Once, for the EventLoop; queue() stays valid as long as that lives.
  std::unique_ptr<grpc::ServerCompletionQueue> TakeQueue() { return std::move(owned_queue_); }
  grpc::ServerCompletionQueue& queue() { return *queue_; }
  int port() const { return port_; }

  // Takes no new connections; those that are there go on. Shutdown alone tells peers to go away at
  // the very moment from which calls are refused, so one that is on its way is lost. Any thread.
  void StopListening();

  // Takes no new calls; lets those under way end, and cancels what is left after `grace`; then
  // calls `done` on `loop`, which must keep running. Call once.
  void Shutdown(EventLoop& loop, absl::Duration grace, std::function<void()> done);

 private:
  Server() = default;

  std::unique_ptr<grpc::ServerCompletionQueue> owned_queue_;
  grpc::ServerCompletionQueue* queue_ = nullptr;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  // grpc::Server::Shutdown blocks until calls have ended, which needs the loop: so it has a thread.
  std::thread shutdown_;
};

}  // namespace quorumcache::rpc
