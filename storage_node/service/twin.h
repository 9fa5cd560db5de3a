// SPDX-License-Identifier: Apache-2.0
// Whether another process serves as this node already: a copy of its data directory, most likely.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace quorumcache::node_service {

// Call before this process listens. FAILED_PRECONDITION: somebody answers at `address`, which is
// this node's in the cluster map. A lock keeps two processes from one directory; this keeps two
// directories from one identity, for as long as they can reach each other. Blocks for a second at
// most.
absl::Status CheckNoTwin(const std::string& node_id, const std::string& address);

}  // namespace quorumcache::node_service
