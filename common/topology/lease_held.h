// SPDX-License-Identifier: Apache-2.0
// What TryAcquireLease says when somebody else holds the lease: one wording for all stores, from
// which the holder can be read again.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::topology {

// FAILED_PRECONDITION. `place`: where the store keeps the lease.
absl::Status LeaseHeldError(absl::string_view holder, absl::string_view place);

// The holder that a LeaseHeldError names; "" for any other status.
std::string HolderIn(const absl::Status& status);

}  // namespace quorumcache::topology
