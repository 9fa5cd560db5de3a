// SPDX-License-Identifier: Apache-2.0
// What etcd's errors mean for us: the one table of them.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace quorumcache::topology_etcd {

enum class EtcdFault {
  // This endpoint cannot serve now; another one may, or this one later.
  kEndpoint,
  // Our token is not or no longer known; a new one helps.
  kToken,
  // Asking again is of no use.
  kFinal,
};

// Requires: `status` is not OK.
EtcdFault FaultOf(const grpc::Status& status);

// UNAVAILABLE, UNAUTHENTICATED, PERMISSION_DENIED or INTERNAL, with what to do. Requires: `status`
// is not OK.
absl::Status ToStatus(const grpc::Status& status, absl::string_view endpoint);

}  // namespace quorumcache::topology_etcd
