// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/grpc_counters.h"

#include "common/base/check.h"
#include "common/metrics/names.h"

namespace quorumcache::service {

const char* GrpcCodeName(int code) {
  static constexpr std::array<const char*, kStatusCodeCount> kNames = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  QC_CHECK(code >= 0 && code < kStatusCodeCount);
  return kNames[static_cast<size_t>(code)];
}

GrpcMethodCounters::GrpcMethodCounters(metrics::Registry& registry, const GrpcMethod& method) {
  const metrics::Labels labels = {
      {"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.method}};
  started_ = &registry.AddCounter(metrics::kGrpcStarted, labels);
  for (int code = 0; code < kStatusCodeCount; ++code) {
    metrics::Labels with_code = labels;
    with_code.emplace_back("grpc_code", GrpcCodeName(code));
    handled_[static_cast<size_t>(code)] = &registry.AddCounter(metrics::kGrpcHandled, with_code);
  }
}

}  // namespace quorumcache::service
