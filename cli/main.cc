// SPDX-License-Identifier: Apache-2.0
// qcctl: the command line of QuorumCache.
#include "cli/run.h"
#include "common/rpc/grpc_log.h"
#include "common/runtime/logging.h"

int main(int argc, char** argv) {
  // gRPC's complaints about connections would only repeat what commands report themselves.
  quorumcache::runtime::InitLogging("qcctl", "error");
  quorumcache::rpc::SendGrpcLogToGlog();
  return quorumcache::cli::RunQcctl({argv + 1, argv + argc},
                                    quorumcache::runtime::ProcessEnvironment());
}
