// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/packet_filter.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tests/integration/process.h"
#include "tests/support/socket_owner.h"

namespace quorumcache::histories {
namespace {

constexpr char kIptables[] = "/usr/sbin/iptables";

// What it prints.
absl::StatusOr<std::string> Iptables(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {kIptables, "-w"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const integration::CommandResult result = integration::RunCommand(argv);
  if (result.exit_code == 0) return result.output;
  return absl::InternalError(
      absl::StrCat(absl::StrJoin(argv, " "), " ends with ", result.exit_code, ": ", result.output));
}

absl::StatusOr<std::string> NewChain() {
  static std::atomic<int> chains{0};
  const std::string chain = absl::StrCat("lost", ++chains);
  QC_RETURN_IF_ERROR(Iptables({"-N", chain}).status());
  QC_RETURN_IF_ERROR(Iptables({"-A", "INPUT", "-i", "lo", "-p", "tcp", "-j", chain}).status());
  return chain;
}

// Of `iptables -nvxL CHAIN`: a rule's line is PACKETS BYTES DROP ...
uint64_t PacketsIn(const std::string& listing) {
  uint64_t sum = 0;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    uint64_t packets = 0, bytes = 0;
    if (words >> packets >> bytes) sum += packets;
  }
  return sum;
}

absl::Status RaiseLoopback() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof(request.ifr_name), "lo");
  request.ifr_flags = IFF_UP;
  const bool is_up = any >= 0 && ioctl(any, SIOCSIFFLAGS, &request) == 0;
  const int error = errno;
  if (any >= 0) close(any);
  if (is_up) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot raise the loopback: ", strerror(error)));
}

}  // namespace

absl::Status EnterPrivateNetwork() {
  if (access(kIptables, X_OK) != 0) {
    return absl::UnavailableError("there is no iptables (Debian's package iptables)");
  }
  if (unshare(CLONE_NEWNET) != 0) {
    return absl::UnavailableError(
        absl::StrCat("this process may not have a network namespace: ", strerror(errno)));
  }
  QC_RETURN_IF_ERROR(RaiseLoopback());
  PacketFilter filter;
  const absl::Status works = filter.Drop({.to_port = 1, .share = 0.5});
  return works.ok() ? filter.Clear() : absl::UnavailableError(works.message());
}

PacketFilter::~PacketFilter() {
  if (chain_.empty()) return;
  Iptables({"-D", "INPUT", "-i", "lo", "-p", "tcp", "-j", chain_}).status().IgnoreError();
  Iptables({"-F", chain_}).status().IgnoreError();
  Iptables({"-X", chain_}).status().IgnoreError();
}

absl::Status PacketFilter::Drop(const Packets& packets) {
  if (chain_.empty()) {
    QC_ASSIGN_OR_RETURN(chain_, NewChain());
  }
  std::vector<std::string> rule = {"-A", chain_, "-p", "tcp"};
  const auto add = [&](std::initializer_list<std::string> words) {
    rule.insert(rule.end(), words);
  };
  if (packets.from_port != 0) add({"--sport", absl::StrCat(packets.from_port)});
  if (packets.to_port != 0) add({"--dport", absl::StrCat(packets.to_port)});
  if (packets.share < 1) {
    add({"-m", "statistic", "--mode", "random", "--probability", absl::StrCat(packets.share)});
  }
  add({"-j", "DROP"});
  return Iptables(rule).status();
}

absl::Status PacketFilter::Clear() {
  if (chain_.empty()) return absl::OkStatus();
  QC_ASSIGN_OR_RETURN(const std::string listing, Iptables({"-nvxL", chain_}));
  lost_ += PacketsIn(listing);
  return Iptables({"-F", chain_}).status();
}

std::vector<uint16_t> PortsTowards(pid_t pid, uint16_t port) {
  std::vector<uint16_t> ports;
  // gRPC's sockets are of IPv6, whatever they are connected to.
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream connections(table);
    for (std::string line; std::getline(connections, line);) {
      // "  sl: LOCAL:PORT REMOTE:PORT ..." in hexadecimal.
      unsigned local = 0, remote = 0;
      const char* form = " %*d: %*32[0-9A-F]:%4X %*32[0-9A-F]:%4X";
      if (std::sscanf(line.c_str(), form, &local, &remote) != 2 || remote != port) continue;
      const auto local_port = static_cast<uint16_t>(local);
      if (support::SocketOwner(local_port, port, {pid}).has_value()) ports.push_back(local_port);
    }
  }
  return ports;
}

}  // namespace quorumcache::histories
