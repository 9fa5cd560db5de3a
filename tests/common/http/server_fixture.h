// SPDX-License-Identifier: Apache-2.0
// ServerFixture: a server on a free port whose handlers write down what reaches them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/http/server.h"
#include "gtest/gtest.h"
#include "tests/common/http/raw_client.h"

namespace quorumcache::http {

// Routes: GET|POST /echo (64 KiB; answers with the body, or the query), PUT /small (8 bytes),
// GET /keys/{key} (answers with the decoded key).
class ServerFixture : public testing::Test {
 protected:
  ServerFixture() {
    const HttpHandler echo = [this](HttpRequest request, Responder responder) {
      HttpResponse response;
      response.body = request.body.empty() ? request.query : request.body;
      Record(std::move(request));
      responder.Send(std::move(response));
    };
    router_.Add({.method = "GET", .pattern = "/echo", .handler = echo});
    router_.Add({.method = "POST", .pattern = "/echo", .handler = echo});
    router_.Add({.method = "PUT", .pattern = "/small", .handler = echo, .body_bytes_max = 8});
    router_.Add({.method = "GET",
                 .pattern = "/keys/{key}",
                 .handler = [this](HttpRequest request, Responder responder) {
                   HttpResponse response;
                   response.body = std::string(request.PathParam("key"));
                   Record(std::move(request));
                   responder.Send(std::move(response));
                 }});
  }

  void Start(ServerOptions options = {}) {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options), router_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  uint16_t port() const { return server_->port(); }

  void Record(HttpRequest request) {
    base::MutexLock lock(mutex_);
    requests_.push_back(std::move(request));
  }
  // Everything that has reached a handler.
  std::vector<HttpRequest> requests() {
    base::MutexLock lock(mutex_);
    return requests_;
  }

  Router router_;
  std::unique_ptr<Server> server_;

 private:
  base::Mutex mutex_;
  std::vector<HttpRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::http
