// SPDX-License-Identifier: Apache-2.0
// CacheClient: plain blocking gRPC calls to one coordinator, with nothing of ours in between.
//
// The tests speak the public API by its generated stubs, so that they see what a client in any
// language sees; the C++ client library has tests of its own.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::integration {

// The status of a call with its details taken apart. Empty reason: it came from the transport.
struct CallError {
  int code = 0;  // a grpc::StatusCode; 0: no error
  std::string message;
  std::string reason;
  std::string outcome;
  std::map<std::string, std::string> metadata;

  bool ok() const { return code == 0; }
  // Whether the write certainly did not happen.
  bool NotApplied() const { return outcome == "not_applied"; }
};

CallError Decode(const grpc::Status& status);

// Thread-safe.
class CacheClient {
 public:
  explicit CacheClient(const std::string& endpoint);

  // One call of any unary method: client.Call(&v1::CacheService::Stub::Get, request, &response).
  template <typename Request, typename Response>
  CallError Call(grpc::Status (v1::CacheService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                 const Request& request, Response* response,
                 absl::Duration timeout = absl::Seconds(1)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    return Decode(((*stub_).*method)(&context, request, response));
  }

  CallError Set(const std::string& key, const std::string& value,
                v1::Consistency consistency = v1::CONSISTENCY_UNSPECIFIED);
  CallError Get(const std::string& key, v1::GetResponse* response,
                v1::Consistency consistency = v1::CONSISTENCY_UNSPECIFIED);
  CallError Delete(const std::string& key);

  v1::CacheService::Stub& stub() { return *stub_; }

 private:
  std::unique_ptr<v1::CacheService::Stub> stub_;
};

}  // namespace quorumcache::integration
