// SPDX-License-Identifier: Apache-2.0
// grpc_server_started_total and grpc_server_handled_total, with the labels that dashboards know.
#pragma once

#include <array>
#include <string>

#include "absl/status/status.h"
#include "common/metrics/registry.h"
#include "common/metrics/series.h"

namespace quorumcache::service {

// The codes of gRPC: 0 to 16.
inline constexpr int kStatusCodeCount = 17;
// As grpc_code has it: "OK", "NotFound", ...
const char* GrpcCodeName(int code);

struct GrpcMethod {
  std::string service;  // "quorumcache.v1.CacheService"
  std::string method;   // "Get"
  std::string type;     // "unary", "server_stream", "bidi_stream"
};

// Of one method. Counted by one thread, the loop's; a copy counts into the same series.
class GrpcMethodCounters {
 public:
  // Adds the series of `method`, each at 0. `registry` outlives this.
  GrpcMethodCounters(metrics::Registry& registry, const GrpcMethod& method);

  void Started() { started_->IncrementFromOwner(); }
  void Handled(absl::StatusCode code) { handled_[static_cast<int>(code)]->IncrementFromOwner(); }

 private:
  metrics::Counter* started_;
  std::array<metrics::Counter*, kStatusCodeCount> handled_;
};

}  // namespace quorumcache::service
