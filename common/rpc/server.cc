// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/server.h"

#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"

namespace quorumcache::rpc {
namespace {

// A peer whose host has vanished leaves no trace but its silence.
constexpr int kKeepaliveTimeMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

void AddArguments(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // Clients may ping as often as once a second; gRPC's default, 5 minutes, ends their connections.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1000);
  builder.SetMaxReceiveMessageSize(limits::kGrpcMessageBytesMax);
  builder.SetMaxSendMessageSize(limits::kGrpcMessageBytesMax);
}

std::string TryBind(const addrinfo& info) {
  const int fd = socket(info.ai_family, info.ai_socktype, info.ai_protocol);
  if (fd < 0) return std::strerror(errno);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  std::string reason;
  if (bind(fd, info.ai_addr, info.ai_addrlen) != 0 || listen(fd, 1) != 0) {
    reason = std::strerror(errno);
  }
  close(fd);
  return reason;
}

// gRPC only says that it could not: asks the system why by trying the same.
std::string ListenError(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return "the address must be host:port";
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) return gai_strerror(error);
  std::string reason = TryBind(*found);
  freeaddrinfo(found);
  return reason.empty() ? "unknown reason" : reason;
}

// gRPC has no word for "stop listening" and does not tell its sockets, but the kernel does.
std::vector<int> OpenDescriptors() {
  std::vector<int> descriptors;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    int fd = -1;
    if (absl::SimpleAtoi(entry.path().filename().string(), &fd)) descriptors.push_back(fd);
  }
  return descriptors;
}

bool IsListeningOn(int fd, int port) {
  int listens = 0;
  socklen_t size = sizeof(listens);
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return false;
  sockaddr_storage address{};
  size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  // In both families the port is at the same place (RFC 3493, section 3.3).
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return false;
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port) == port;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  auto server = std::unique_ptr<Server>(new Server);
  grpc::ServerBuilder builder;
  AddArguments(builder);
  builder.AddListeningPort(
      options.listen_address,
      options.credentials != nullptr ? options.credentials : grpc::InsecureServerCredentials(),
      &server->port_);
  for (grpc::Service* service : options.services) builder.RegisterService(service);
  server->owned_queue_ = builder.AddCompletionQueue();
  server->queue_ = server->owned_queue_.get();
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.listen_address, ": ",
                                               ListenError(options.listen_address)));
  }
  return server;
}

Server::~Server() {
  if (shutdown_.joinable()) shutdown_.join();
  if (server_ == nullptr || owned_queue_ == nullptr) return;
  // Nobody took the queue, so nobody turns it: what the server's end puts there is dropped here.
  server_->Shutdown(std::chrono::system_clock::now());
  owned_queue_->Shutdown();
  void* tag;
  bool ok;
  while (owned_queue_->Next(&tag, &ok)) {
  }
}

void Server::StopListening() {
  for (const int fd : OpenDescriptors()) {
    // Linux ends the listening; gRPC's next accept fails, and it leaves the port alone.
    if (IsListeningOn(fd, port_)) shutdown(fd, SHUT_RD);
  }
}

void Server::Shutdown(EventLoop& loop, absl::Duration grace, std::function<void()> done) {
  QC_CHECK(!shutdown_.joinable());
  shutdown_ = std::thread([this, &loop, grace, done = std::move(done)]() mutable {
    server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoNanoseconds(grace));
    loop.Post(std::move(done));
  });
}

}  // namespace quorumcache::rpc
