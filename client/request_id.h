// SPDX-License-Identifier: Apache-2.0
// NewRequestId: what a mutation is recognised by when it is sent again.
#pragma once

#include <string>

namespace quorumcache::client {

// A random UUID (RFC 4122 version 4). Thread-safe.
std::string NewRequestId();

}  // namespace quorumcache::client
