// SPDX-License-Identifier: Apache-2.0
// What an EtcdStore can be told beside its URL.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/topology/topology_store.h"

namespace quorumcache::topology_etcd {

// PEM texts, not paths. All empty: the system's certificate authorities, and no certificate of
// ours.
struct EtcdTls {
  std::string ca;
  // Both or none.
  std::string certificate;
  std::string key;
};

struct EtcdOptions {
  EtcdTls tls;
  // Empty: etcd without authentication.
  std::string user;
  std::string password;
  // Of one call, over all endpoints: longer than an election (1 s by etcd's defaults) takes.
  absl::Duration call_timeout = absl::Seconds(6);
  // Of one attempt at one endpoint; a member that hangs costs this once.
  absl::Duration attempt_timeout = absl::Seconds(2);
  // A watch asks so often whether it has missed something: a member that is cut off from the others
  // goes on saying nothing, and that looks as if nothing happened.
  absl::Duration recheck_interval = absl::Seconds(3);
  absl::Duration lease_ttl = topology::kLeaseTtl;
  // Where to begin in the list of endpoints, so that not all processes begin at the first; and
  // the writer's mark. Any number, another one in each process.
  uint64_t seed = 1;
};

}  // namespace quorumcache::topology_etcd
