// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/grpc_errors.h"

#include "common/base/check.h"
#include "common/rpc/grpc_status.h"

namespace quorumcache::service {

grpc::Status ToGrpcStatus(const CacheError& error) {
  QC_CHECK(!error.ok());
  rpc::ErrorDetails details;
  details.reason = error.reason;
  details.metadata = error.metadata;
  details.metadata["outcome"] = error.outcome_unknown ? "unknown" : "not_applied";
  details.retry_after = error.retry_after;
  return rpc::MakeGrpcError(error.code, error.message, details);
}

}  // namespace quorumcache::service
