// SPDX-License-Identifier: Apache-2.0
// Where a server may listen: on loopback, unless the operator says in so many words that anybody
// may call.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::runtime {

struct HostPort {
  // A name, an IPv4 address, or an IPv6 address without its brackets.
  std::string host;
  uint16_t port = 0;
};

// "host:port", "[v6]:port"; a port of 0 is allowed (any free one). INVALID_ARGUMENT otherwise.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view address);

// 127.0.0.0/8, ::1 and "localhost".
bool IsLoopback(absl::string_view host);

// FAILED_PRECONDITION for an address that other machines can reach, unless `insecure`: there is no
// TLS and there are no tokens, so whoever reaches it may read and write everything. `option` names
// the culprit.
absl::Status CheckListenAddress(absl::string_view option, absl::string_view address, bool insecure);

}  // namespace quorumcache::runtime
