// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <map>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "tests/support/proxy_pipe.h"

namespace quorumcache::support {
namespace {

// Of one door, waiting to be accepted.
constexpr int kBacklog = 128;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

struct Listener {
  int descriptor = -1;
  uint16_t port = 0;
};

absl::StatusOr<Listener> Listen() {
  Listener listener{.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.descriptor, raw, size) != 0 || listen(listener.descriptor, kBacklog) != 0 ||
      getsockname(listener.descriptor, raw, &size) != 0) {
    close(listener.descriptor);
    return SystemError("cannot listen");
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

// Small messages wait for nobody.
void SetNoDelay(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// The connection is under way when this returns: until it stands, reads and writes find nothing.
int ConnectTo(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const int result =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (result != 0 && errno != EINPROGRESS) {
    close(descriptor);
    return -1;
  }
  SetNoDelay(descriptor);
  return descriptor;
}

// Closes with a reset instead of an orderly end.
void ResetAndClose(int descriptor) {
  const linger at_once{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(descriptor);
}

struct Door {
  Listener listener;
  uint16_t target_port = 0;  // 0: none
};

struct Connection {
  Connection(Link its_link, int its_source, int its_target)
      : link(std::move(its_link)),
        source(its_source),
        target(its_target),
        forward(its_source, its_target),
        backward(its_target, its_source) {}
  ~Connection() {
    if (broken) {
      ResetAndClose(source);
      ResetAndClose(target);
    } else {
      close(source);
      close(target);
    }
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Link link;
  const int source;
  const int target;
  ProxyPipe forward;
  ProxyPipe backward;
  bool broken = false;
};

int16_t EventsFor(const ProxyPipe& reads_it, const ProxyPipe& writes_it, bool held) {
  return static_cast<int16_t>((reads_it.WantsToRead() ? POLLIN : 0) |
                              (writes_it.IsBlocked() && !held ? POLLOUT : 0));
}

}  // namespace

class TcpProxy::Impl {
 public:
  Impl(SourceOf source_of, int wake_up) : source_of_(std::move(source_of)), wake_up_(wake_up) {
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
      for (const auto& connection : connections_) connection->broken = true;
    }
    WakeUp();
    thread_.join();
    for (const auto& [name, door] : doors_) close(door.listener.descriptor);
    close(wake_up_);
  }

  absl::Status Open(const std::string& name) {
    QC_ASSIGN_OR_RETURN(const Listener listener, Listen());
    {
      base::MutexLock lock(mutex_);
      doors_[name] = Door{listener};
    }
    WakeUp();
    return absl::OkStatus();
  }

  void SetTarget(const std::string& name, uint16_t port) {
    base::MutexLock lock(mutex_);
    doors_.at(name).target_port = port;
  }

  uint16_t PortOf(const std::string& name) const {
    base::MutexLock lock(mutex_);
    return doors_.at(name).listener.port;
  }

  void SetRules(const Link& link, const LinkRules& rules) {
    {
      base::MutexLock lock(mutex_);
      rules_[link] = rules;
    }
    WakeUp();
  }

  void Heal() {
    {
      base::MutexLock lock(mutex_);
      rules_.clear();
    }
    WakeUp();
  }

  void Reset(const Link& link) {
    {
      base::MutexLock lock(mutex_);
      for (const auto& connection : connections_) {
        if (connection->link == link) connection->broken = true;
      }
    }
    WakeUp();
  }

  uint64_t AcceptedCount() const {
    base::MutexLock lock(mutex_);
    return accepted_count_;
  }

 private:
  struct Accepted {
    int socket = -1;
    Peer peer;
    uint16_t target_port = 0;
  };
  // What one turn of the loop waits for: first the wake-up, then the doors, then two a connection.
  struct Waiting {
    std::vector<pollfd> descriptors;
    std::vector<std::string> doors;
    std::vector<Connection*> connections;
    int timeout_ms = -1;
  };

  void WakeUp() {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_up_, &one, sizeof(one));
  }

  void Run() {
    while (true) {
      Waiting waiting;
      {
        base::MutexLock lock(mutex_);
        if (stopping_) break;
        waiting = WhatToWaitFor();
      }
      poll(waiting.descriptors.data(), waiting.descriptors.size(), waiting.timeout_ms);
      std::vector<Accepted> accepted;
      {
        base::MutexLock lock(mutex_);
        MoveBytes(waiting);
        accepted = Accept(waiting);
      }
      for (const Accepted& one : accepted) Admit(one);
    }
    base::MutexLock lock(mutex_);
    connections_.clear();
  }

  LinkRules RulesOf(const Link& link) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = rules_.find(link);
    return found == rules_.end() ? LinkRules() : found->second;
  }

  Waiting WhatToWaitFor() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Waiting waiting;
    waiting.descriptors.push_back({wake_up_, POLLIN, 0});
    for (const auto& [name, door] : doors_) {
      waiting.doors.push_back(name);
      waiting.descriptors.push_back({door.listener.descriptor, POLLIN, 0});
    }
    absl::Time due = absl::InfiniteFuture();
    for (const auto& connection : connections_) {
      const LinkRules rules = RulesOf(connection->link);
      ProxyPipe& forward = connection->forward;
      ProxyPipe& backward = connection->backward;
      const int16_t source = EventsFor(forward, backward, rules.hold_backward);
      const int16_t target = EventsFor(backward, forward, rules.hold_forward);
      // Where nothing is waited for, the end of a socket would wake the loop again and again.
      waiting.descriptors.push_back({source != 0 ? connection->source : -1, source, 0});
      waiting.descriptors.push_back({target != 0 ? connection->target : -1, target, 0});
      waiting.connections.push_back(connection.get());
      if (!rules.hold_forward) due = std::min(due, DueOf(forward));
      if (!rules.hold_backward) due = std::min(due, DueOf(backward));
    }
    if (due != absl::InfiniteFuture()) {
      // Rounded up, or the last millisecond would be spent in polling.
      const int64_t left = absl::ToInt64Milliseconds(due - absl::Now()) + 1;
      waiting.timeout_ms = static_cast<int>(std::max<int64_t>(left, 0));
    }
    return waiting;
  }

  static absl::Time DueOf(const ProxyPipe& pipe) {
    return pipe.IsBlocked() ? absl::InfiniteFuture() : pipe.Due().value_or(absl::InfiniteFuture());
  }

  void MoveBytes(const Waiting& waiting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    uint64_t ignored;
    if (waiting.descriptors[0].revents != 0) {
      [[maybe_unused]] const ssize_t size = read(wake_up_, &ignored, sizeof(ignored));
    }
    size_t next = 1 + waiting.doors.size();
    for (Connection* connection : waiting.connections) {
      const bool from_source = waiting.descriptors[next++].revents != 0;
      const bool from_target = waiting.descriptors[next++].revents != 0;
      Step(*connection, from_source, from_target);
    }
    connections_.remove_if([](const std::unique_ptr<Connection>& connection) {
      return connection->broken || (connection->forward.IsOver() && connection->backward.IsOver());
    });
  }

  void Step(Connection& connection, bool from_source, bool from_target)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (connection.broken) return;
    const LinkRules rules = RulesOf(connection.link);
    const absl::Time now = absl::Now();
    if (from_source && connection.forward.WantsToRead()) {
      connection.forward.Read(now + rules.delay_forward);
    }
    if (from_target && connection.backward.WantsToRead()) {
      connection.backward.Read(now + rules.delay_backward);
    }
    const bool forward_is_well = rules.hold_forward || connection.forward.Write(now);
    const bool backward_is_well = rules.hold_backward || connection.backward.Write(now);
    connection.broken = !forward_is_well || !backward_is_well;
  }

  std::vector<Accepted> Accept(const Waiting& waiting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<Accepted> accepted;
    for (size_t i = 0; i < waiting.doors.size(); ++i) {
      const Door& door = doors_.at(waiting.doors[i]);
      while (waiting.descriptors[1 + i].revents != 0) {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        const int socket = accept4(door.listener.descriptor, reinterpret_cast<sockaddr*>(&address),
                                   &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) break;
        ++accepted_count_;
        SetNoDelay(socket);
        accepted.push_back({socket,
                            {waiting.doors[i], ntohs(address.sin_port), door.listener.port},
                            door.target_port});
      }
    }
    return accepted;
  }

  void Admit(const Accepted& accepted) {
    const Link link(source_of_(accepted.peer), accepted.peer.door);
    base::MutexLock lock(mutex_);
    const bool refused = RulesOf(link).refuse || accepted.target_port == 0;
    const int target = refused ? -1 : ConnectTo(accepted.target_port);
    if (target < 0) {
      ResetAndClose(accepted.socket);
      return;
    }
    connections_.push_back(std::make_unique<Connection>(link, accepted.socket, target));
  }

  const SourceOf source_of_;
  const int wake_up_;
  mutable base::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Door> doors_ ABSL_GUARDED_BY(mutex_);
  std::map<Link, LinkRules> rules_ ABSL_GUARDED_BY(mutex_);
  // Elements go only on the proxy's thread, so that it may hold pointers while it waits.
  std::list<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  uint64_t accepted_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<TcpProxy>> TcpProxy::Start(SourceOf source_of) {
  const int wake_up = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_up < 0) return SystemError("eventfd");
  auto impl = std::make_unique<Impl>(std::move(source_of), wake_up);
  return std::unique_ptr<TcpProxy>(new TcpProxy(std::move(impl)));
}

TcpProxy::TcpProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TcpProxy::~TcpProxy() = default;

absl::Status TcpProxy::Open(const std::string& door) {
  return impl_->Open(door);
}

void TcpProxy::SetTarget(const std::string& door, uint16_t port) {
  impl_->SetTarget(door, port);
}

std::string TcpProxy::Address(const std::string& door) const {
  return absl::StrCat("127.0.0.1:", impl_->PortOf(door));
}

void TcpProxy::SetRules(const Link& link, const LinkRules& rules) {
  impl_->SetRules(link, rules);
}

void TcpProxy::Heal() {
  impl_->Heal();
}

void TcpProxy::Reset(const Link& link) {
  impl_->Reset(link);
}

uint64_t TcpProxy::AcceptedCount() const {
  return impl_->AcceptedCount();
}

}  // namespace quorumcache::support
