// SPDX-License-Identifier: Apache-2.0
// Server: HTTP/1.1 on one port, for the gateway and for every process's /metrics and health.
//
//   Router router;
//   router.Add({.method = "GET", .pattern = "/livez", .handler = [](HttpRequest, Responder
//   responder) {
//     responder.Send({.status = 200, .body = "ok\n"});
//   }});
//   QC_ASSIGN_OR_RETURN(std::unique_ptr<Server> server, Server::Start({.port = 7480}, router));
//
// What it refuses by itself, before a handler: requests that cannot be read in exactly one way,
// heads, targets and bodies over their limits, slow senders, too many connections. Each gets a
// problem+json answer where one can be sent (header_check.h, connection.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/http/router.h"
#include "common/http/server_options.h"

namespace quorumcache::http {

class Listener;
class Loop;
class ServerContext;

// Thread-compatible. Owns its threads.
class Server {
 public:
  // Listens and serves when it returns. `router` outlives the server. Errors: see Listener::Open.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, const Router& router);
  // Shutdown(zero).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port in use, also where options.port was 0.
  uint16_t port() const;

  // Goes on serving as before, but closes each connection after its next answer: clients that keep
  // connections move away, and none of their requests meets a closed door. Thread-safe.
  void AnnounceShutdown();

  // Stops accepting, lets requests under way finish for `grace` at most, closes what is left, and
  // joins the threads. A Responder that is used later answers nobody. May be repeated.
  void Shutdown(absl::Duration grace);

 private:
  Server(std::shared_ptr<ServerContext> context, std::vector<std::shared_ptr<Loop>> loops,
         std::shared_ptr<Listener> listener);

  const std::shared_ptr<ServerContext> context_;
  const std::vector<std::shared_ptr<Loop>> loops_;
  const std::shared_ptr<Listener> listener_;
  std::vector<std::thread> threads_;
};

}  // namespace quorumcache::http
