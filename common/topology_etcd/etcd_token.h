// SPDX-License-Identifier: Apache-2.0
// EtcdToken: what etcd gives us for user and password, and wants to see with every call.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "common/topology_etcd/etcd_options.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Without a user it does nothing.
class EtcdToken {
 public:
  explicit EtcdToken(const EtcdOptions& options)
      : user_(options.user), password_(options.password) {}

  // Adds the token to `context`; asks for one first where there is none, with `context`'s deadline.
  grpc::Status AddTo(grpc::ClientContext& context, const std::shared_ptr<grpc::Channel>& channel);
  // The token is not good any more: the next call asks for a new one.
  void Drop();
  bool is_used() const { return !user_.empty(); }

 private:
  std::string Cached() const;

  const std::string user_;
  const std::string password_;
  mutable base::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::topology_etcd
