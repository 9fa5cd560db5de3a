// SPDX-License-Identifier: Apache-2.0
// Endpoints: the members of an etcd cluster, and which of them is asked now.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/topology_etcd/etcd_options.h"
#include "common/topology_etcd/etcd_url.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Connects when a channel is first used.
class Endpoints {
 public:
  Endpoints(const EtcdUrl& url, const EtcdOptions& options);

  struct Endpoint {
    size_t index = 0;
    std::string name;
    std::shared_ptr<grpc::Channel> channel;
  };
  const Endpoint& current() const { return endpoints_[current_.load() % endpoints_.size()]; }
  // `failed` cannot serve: the next one is asked from now on, unless another thread has moved on
  // already.
  void MoveOnFrom(const Endpoint& failed);

 private:
  std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_;
};

}  // namespace quorumcache::topology_etcd
