// SPDX-License-Identifier: Apache-2.0
// HttpProbe: asks a server of ours whether it is ready. By hand over a socket, because the
// playground may not start gRPC, and a status line is all it needs of HTTP.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace quorumcache::cli {

// The status code of GET `target` at `address` (127.0.0.1:PORT); 0: no answer within `timeout`.
int HttpStatusOf(const std::string& address, const std::string& target, absl::Duration timeout);

}  // namespace quorumcache::cli
