// SPDX-License-Identifier: Apache-2.0
// The flags that commands on keys share, and how they get into requests.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/exit_code.h"
#include "common/runtime/options.h"
#include "google/protobuf/duration.pb.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::cli {

google::protobuf::Duration ToProto(absl::Duration duration);

// --namespace and --consistency.
struct KeyOptions {
  void AddTo(runtime::Options& options);

  template <typename Request>
  void Fill(Request& request, const std::string& key) const {
    request.set_namespace_(name_space);
    request.set_key(key);
    request.set_consistency(level());
  }
  v1::Consistency level() const;

  std::string name_space = "default";
  std::string consistency = "default";
};

// --durability and --request-id.
struct WriteOptions {
  void AddTo(runtime::Options& options);

  template <typename Request>
  void Fill(Request& request) const {
    request.set_durability(level());
    request.set_request_id(request_id);
    request.set_first(first);
  }
  v1::Durability level() const;

  std::string durability = "wal";
  std::string request_id;
  std::string first;
};

// --ttl; 0 (not given): never expires.
struct TtlOption {
  void AddTo(runtime::Options& options);
  bool given() const { return ttl != absl::ZeroDuration(); }

  template <typename Request>
  void Fill(Request& request) const {
    if (given()) *request.mutable_ttl() = ToProto(ttl);
  }

  absl::Duration ttl;
};

}  // namespace quorumcache::cli
