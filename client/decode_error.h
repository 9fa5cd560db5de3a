// SPDX-License-Identifier: Apache-2.0
// The two forms in which errors arrive, as client::Error: the status of a call with its
// google.rpc.Status details, and the OperationError inside the answers of Multi* and Pipeline.
#pragma once

#include <grpcpp/support/status.h>

#include "client/error.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::client {

// Requires: not OK.
Error DecodeError(const grpc::Status& status);
Error DecodeError(const v1::OperationError& proto);
v1::OperationError EncodeError(const Error& error);

}  // namespace quorumcache::client
