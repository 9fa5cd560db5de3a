// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/listen_address.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace quorumcache::runtime {
namespace {

absl::Status BadAddress(absl::string_view address) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", address, "\" is not an address; expected HOST:PORT, such as 127.0.0.1:7401"));
}

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return BadAddress(address);
  absl::string_view host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != absl::string_view::npos) {
    return BadAddress(address);  // an IPv6 address needs brackets to be told from its port
  }
  uint32_t port = 0;
  if (host.empty() || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
    return BadAddress(address);
  }
  return HostPort{std::string(host), static_cast<uint16_t>(port)};
}

bool IsLoopback(absl::string_view host) {
  const std::string text(host);
  if (text == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status CheckListenAddress(absl::string_view option, absl::string_view address,
                                bool insecure) {
  absl::StatusOr<HostPort> parsed = ParseHostPort(address);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", parsed.status().message()));
  }
  if (insecure || IsLoopback(parsed->host)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "--", option, " ", address,
      " can be reached from other machines, and there is no TLS and no "
      "authentication on it: listen on 127.0.0.1, or pass --insecure if the network is trusted"));
}

}  // namespace quorumcache::runtime
