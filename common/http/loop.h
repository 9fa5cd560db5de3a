// SPDX-License-Identifier: Apache-2.0
// Loop: one thread's event loop and the connections it serves.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/http/server_context.h"

namespace quorumcache::http {

class Connection;

// Shared: an answer may be under way to a connection whose server is gone. Everything but Post,
// Adopt and Drain belongs to the loop's own thread.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  explicit Loop(std::shared_ptr<ServerContext> context);

  // Serves until Drain() has been called and the last connection is gone. Call once, on a thread.
  void Run();

  // Runs `function` on the loop's thread; false, and it is dropped, when the loop has ended.
  // Thread-safe.
  template <typename Function>
  bool Post(Function&& function) {
    base::MutexLock lock(mutex_);
    if (stopped_) return false;
    boost::asio::post(io_, std::forward<Function>(function));
    return true;
  }
  // Begins to serve `socket`, which was made on io(). Thread-safe.
  void Adopt(boost::asio::ip::tcp::socket socket, ConnectionPermit permit);
  // No further requests: idle connections are closed now, busy ones when they have answered, the
  // rest after `grace`. Thread-safe.
  void Drain(absl::Duration grace);

  boost::asio::io_context& io() { return io_; }
  ServerContext& context() { return *context_; }
  bool draining() const { return draining_; }
  // Now, as an HTTP date; at most a second old.
  absl::string_view date() const { return date_; }
  void Remove(const std::shared_ptr<Connection>& connection) { connections_.erase(connection); }

 private:
  void ArmTick();
  // Looks after every deadline. A walk over 4,096 connections once a second costs less than moving
  // a timer with each request.
  void Tick();
  void BeginDrain(SteadyTime deadline);

  const std::shared_ptr<ServerContext> context_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer tick_timer_;
  std::chrono::nanoseconds tick_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::string date_;
  bool draining_ = false;
  SteadyTime drain_deadline_ = SteadyTime::max();

  base::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quorumcache::http
