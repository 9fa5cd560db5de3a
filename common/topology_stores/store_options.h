// SPDX-License-Identifier: Apache-2.0
// What every process is told about where the cluster map is kept, by the same options everywhere.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/runtime/options.h"

namespace quorumcache::topology_stores {

// Value.
struct StoreOptions {
  // file:PATH, etcd://HOST:PORT,.../PREFIX or etcds://...
  std::string topology;
  // Paths of PEM files; for etcds: only.
  std::string etcd_ca;
  std::string etcd_cert;
  std::string etcd_key;
  // For etcd with authentication.
  std::string etcd_user;
  std::string etcd_password_file;
};

// --topology and --etcd-*. `target` outlives `options`.
void AddStoreOptions(StoreOptions* target, runtime::Options* options);

// INVALID_ARGUMENT: what is missing, malformed or of no use together. Reads no files.
absl::Status CheckStoreOptions(const StoreOptions& options);

}  // namespace quorumcache::topology_stores
