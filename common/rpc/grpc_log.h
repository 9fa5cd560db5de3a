// SPDX-License-Identifier: Apache-2.0
// gRPC's own log lines go to glog.
#pragma once

namespace quorumcache::rpc {

// Call once, early in main: errors are kept, the rest is dropped unless GRPC_VERBOSITY asks for it.
void SendGrpcLogToGlog();

}  // namespace quorumcache::rpc
