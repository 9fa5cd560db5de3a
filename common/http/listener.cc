// SPDX-License-Identifier: Apache-2.0
#include "common/http/listener.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"

namespace quorumcache::http {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptRetryDelay(100);

absl::Status ListenError(const ServerOptions& options, const ErrorCode& error) {
  const std::string what =
      absl::StrCat("cannot listen on ", options.host, ":", options.port, ": ", error.message());
  if (error == boost::asio::error::address_in_use) {
    return absl::UnavailableError(absl::StrCat(
        what,
        "; stop the process that listens there (\"ss -ltnp\" names it), or choose another port"));
  }
  if (error == boost::asio::error::access_denied) {
    return absl::PermissionDeniedError(absl::StrCat(what, "; choose a port from 1024 on"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(what, "; give an address of this machine, such as 127.0.0.1 or 0.0.0.0"));
}

absl::StatusOr<tcp::endpoint> Resolve(const ServerOptions& options) {
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  ErrorCode error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return ListenError(options, error);
  return tcp::endpoint(address, options.port);
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerContext> context, std::vector<std::shared_ptr<Loop>> loops)
    : context_(std::move(context)),
      loops_(std::move(loops)),
      acceptor_(loops_.at(0)->io()),
      retry_timer_(loops_.at(0)->io()) {}

absl::Status Listener::Open() {
  QC_ASSIGN_OR_RETURN(const tcp::endpoint endpoint, Resolve(context_->options()));
  ErrorCode error;
  acceptor_.open(endpoint.protocol(), error);
  // Allows a restart while old connections are in TIME_WAIT; two listeners still exclude each
  // other.
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  return error ? ListenError(context_->options(), error) : absl::OkStatus();
}

void Listener::Accept() {
  if (!acceptor_.is_open()) return;
  Loop& loop = *loops_[next_loop_];
  acceptor_.async_accept(loop.io(),
                         [self = shared_from_this()](const ErrorCode& error, tcp::socket socket) {
                           self->OnAccepted(error, std::move(socket));
                         });
}

void Listener::OnAccepted(const ErrorCode& error, tcp::socket socket) {
  if (error) {
    if (acceptor_.is_open()) AcceptLater();
    return;
  }
  HandOver(std::move(socket));
  Accept();
}

void Listener::HandOver(tcp::socket socket) {
  ConnectionPermit permit(context_);
  const size_t most = context_->options().connection_count_max + limits::kHttpRefusedConnectionsMax;
  if (permit.rank() <= most) {
    loops_[next_loop_]->Adopt(std::move(socket), std::move(permit));
    next_loop_ = (next_loop_ + 1) % loops_.size();
  } else {
    ErrorCode ignored;
    socket.close(ignored);
  }
}

void Listener::AcceptLater() {
  retry_timer_.expires_after(kAcceptRetryDelay);
  retry_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->Accept();
  });
}

void Listener::Close() {
  ErrorCode ignored;
  // Clients that are connected already, perhaps with a request on its way, would be reset.
  acceptor_.non_blocking(true, ignored);
  for (ErrorCode error; !error;) {
    tcp::socket socket(loops_[next_loop_]->io());
    acceptor_.accept(socket, error);
    if (!error) HandOver(std::move(socket));
  }
  acceptor_.close(ignored);
  retry_timer_.cancel();
}

}  // namespace quorumcache::http
