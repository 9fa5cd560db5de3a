// SPDX-License-Identifier: Apache-2.0
// Where in which etcd a cluster keeps its map: etcd://HOST:PORT[,HOST:PORT...][/PREFIX].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::topology_etcd {

// What keys begin with when the URL does not say. One etcd may serve many clusters: one prefix
// each.
inline constexpr absl::string_view kPrefixDefault = "/quorumcache";

// Value.
struct EtcdUrl {
  // etcds: instead of etcd:
  bool has_tls = false;
  // host:port, at least one.
  std::vector<std::string> endpoints;
  // Begins with a slash and does not end with one.
  std::string prefix;

  std::string MapKey() const { return prefix + "/map"; }
  // Who made the change to `epoch`; for CompareAndSet to know its own work again. Remembered for as
  // many epochs as can pass within the time-out of one call.
  std::string WriterKey(uint64_t epoch) const {
    return prefix + "/writer/" + std::to_string(epoch % 64);
  }
  std::string LeaseKey() const { return prefix + "/lease"; }
};

// INVALID_ARGUMENT: what is wrong with it.
absl::StatusOr<EtcdUrl> ParseEtcdUrl(absl::string_view url);

}  // namespace quorumcache::topology_etcd
