// SPDX-License-Identifier: Apache-2.0
#include "common/http/server.h"

#include <future>
#include <random>
#include <utility>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/http/connection.h"
#include "common/http/listener.h"
#include "common/http/loop.h"
#include "common/http/server_context.h"

namespace quorumcache::http {

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, const Router& router) {
  QC_CHECK(options.thread_count > 0);
  std::random_device device;
  const uint64_t id_prefix = uint64_t{device()} << 32 | device();
  const int thread_count = options.thread_count;
  auto context = std::make_shared<ServerContext>(std::move(options), router, id_prefix);
  std::vector<std::shared_ptr<Loop>> loops;
  for (int i = 0; i < thread_count; ++i) loops.push_back(std::make_shared<Loop>(context));
  auto listener = std::make_shared<Listener>(context, loops);
  QC_RETURN_IF_ERROR(listener->Open());
  return std::unique_ptr<Server>(
      new Server(std::move(context), std::move(loops), std::move(listener)));
}

Server::Server(std::shared_ptr<ServerContext> context, std::vector<std::shared_ptr<Loop>> loops,
               std::shared_ptr<Listener> listener)
    : context_(std::move(context)), loops_(std::move(loops)), listener_(std::move(listener)) {
  listener_->Accept();
  for (const std::shared_ptr<Loop>& loop : loops_) {
    threads_.emplace_back([loop] { loop->Run(); });
  }
}

Server::~Server() {
  Shutdown(absl::ZeroDuration());
}

uint16_t Server::port() const {
  return listener_->port();
}

void Server::AnnounceShutdown() {
  context_->stopping_soon() = true;
}

void Server::Shutdown(absl::Duration grace) {
  if (threads_.empty()) return;
  std::promise<void> closed;
  loops_[0]->Post([this, &closed] {
    listener_->Close();
    closed.set_value();
  });
  // What it took at last must reach its loop before that loop drains.
  closed.get_future().wait();
  for (const std::shared_ptr<Loop>& loop : loops_) loop->Drain(grace);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace quorumcache::http
