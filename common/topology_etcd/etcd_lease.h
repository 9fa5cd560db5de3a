// SPDX-License-Identifier: Apache-2.0
// EtcdLease: who drives topology changes. A key that etcd removes when nobody keeps its lease
// alive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/topology/topology_store.h"
#include "common/topology_etcd/etcd_client.h"
#include "common/topology_etcd/interrupt.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Counts the TTL from before each request that extends it, so that etcd lets it expire
// later than we do.
class EtcdLease : public topology::TopologyLease {
 public:
  // See TopologyStore::TryAcquireLease. `client` outlives the lease.
  static absl::StatusOr<std::unique_ptr<EtcdLease>> TryAcquire(EtcdClient& client,
                                                               const std::string& key,
                                                               absl::string_view holder,
                                                               absl::Duration ttl);
  ~EtcdLease() override;

  bool held() const override;

 private:
  EtcdLease(EtcdClient& client, int64_t id, absl::Duration ttl, absl::Duration valid_until);

  void KeepAlive();
  // Extends it, unless it is lost; false: it is.
  bool Extend(absl::Duration valid_until);

  EtcdClient& client_;
  const int64_t id_;
  const absl::Duration ttl_;
  Interrupt interrupt_;
  mutable base::Mutex mutex_;
  // By the steady clock. ZeroDuration: lost for good.
  mutable absl::Duration valid_until_ ABSL_GUARDED_BY(mutex_);
  // Last: it uses the others.
  std::thread thread_;
};

}  // namespace quorumcache::topology_etcd
