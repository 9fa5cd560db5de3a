// SPDX-License-Identifier: Apache-2.0
#include "common/http/loop.h"

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"
#include "common/http/connection.h"

namespace quorumcache::http {
namespace {

constexpr absl::Duration kTickMax = absl::Seconds(1);
constexpr absl::Duration kTickMin = absl::Milliseconds(10);

// A quarter of the shortest timeout: none is late by more than that.
absl::Duration TickOf(const ServerOptions& options) {
  const absl::Duration shortest =
      std::min({options.idle_timeout, options.header_timeout, options.body_timeout,
                options.write_timeout, options.linger_timeout});
  return std::clamp(shortest / 4, kTickMin, kTickMax);
}

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

}  // namespace

Loop::Loop(std::shared_ptr<ServerContext> context)
    : context_(std::move(context)),
      io_(1),  // one thread
      work_(io_.get_executor()),
      tick_timer_(io_),
      tick_(absl::ToChronoNanoseconds(TickOf(context_->options()))),
      date_(HttpDate(absl::Now())) {}

void Loop::Run() {
  ArmTick();
  io_.run();
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  // What was posted between the last handler and `stopped_`.
  io_.restart();
  io_.poll();
}

void Loop::Adopt(boost::asio::ip::tcp::socket socket, ConnectionPermit permit) {
  auto connection =
      std::make_shared<Connection>(shared_from_this(), std::move(socket), std::move(permit));
  Post([this, connection] {
    connections_.insert(connection);
    connection->Start();
    if (!draining_) return;
    connection->OnDrain();
    // With nothing left to look after, the tick may have ended.
    ArmTick();
  });
}

void Loop::Drain(absl::Duration grace) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(grace);
  Post([this, deadline] { BeginDrain(deadline); });
}

void Loop::BeginDrain(SteadyTime deadline) {
  drain_deadline_ = std::min(drain_deadline_, deadline);
  if (!draining_) {
    draining_ = true;
    work_.reset();
    tick_ = absl::ToChronoNanoseconds(kTickMin);
    // Copied: connections that close take themselves out.
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) connection->OnDrain();
  }
  tick_timer_.cancel();
  Tick();
}

void Loop::ArmTick() {
  tick_timer_.expires_after(tick_);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

void Loop::Tick() {
  const SteadyTime now = std::chrono::steady_clock::now();
  date_ = HttpDate(absl::Now());
  const bool out_of_patience = now >= drain_deadline_;
  std::vector<std::shared_ptr<Connection>> due;
  for (const auto& connection : connections_) {
    if (out_of_patience || connection->deadline() <= now) due.push_back(connection);
  }
  for (const auto& connection : due) {
    if (out_of_patience) {
      connection->Close();
    } else {
      connection->OnDeadline();
    }
  }
  // Without connections and timer the loop runs out of work, and Run() returns.
  if (draining_ && connections_.empty()) return;
  ArmTick();
}

}  // namespace quorumcache::http
