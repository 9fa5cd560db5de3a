// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_log.h"

#include <glog/logging.h>
#include <grpc/support/log.h>

namespace quorumcache::rpc {
namespace {

void Forward(gpr_log_func_args* args) {
  const google::LogSeverity severity =
      args->severity == GPR_LOG_SEVERITY_ERROR ? google::GLOG_WARNING : google::GLOG_INFO;
  // What gRPC calls an error is a peer that went away; ours are told from statuses.
  google::LogMessage(args->file, args->line, severity).stream() << "grpc: " << args->message;
}

}  // namespace

void SendGrpcLogToGlog() {
  gpr_set_log_function(Forward);
}

}  // namespace quorumcache::rpc
