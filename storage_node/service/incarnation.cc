// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/incarnation.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/runtime/random_bits.h"

namespace quorumcache::node_service {
namespace {

// Far more than nodes that start at the same time.
constexpr int kBindAttemptsMax = 100;

absl::StatusOr<topology::NodeIndex> FindSelf(const topology::ClusterMap& map,
                                             absl::string_view node_id) {
  const std::optional<topology::NodeIndex> node = map.FindNode(node_id);
  if (node.has_value()) return *node;
  std::string known;
  for (const topology::Node& other : map.nodes) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", other.id);
  }
  return absl::FailedPreconditionError(
      absl::StrCat("node ", node_id, " is not in the map of cluster ", map.cluster_id,
                   ", which has ", known, "; add it first (`qcctl node add`), or mend --node-id"));
}

}  // namespace

absl::StatusOr<topology::ClusterMap> BindIncarnation(topology::TopologyStore& store,
                                                     absl::string_view node_id,
                                                     uint64_t incarnation) {
  absl::Status status;
  for (int attempt = 0; attempt < kBindAttemptsMax; ++attempt) {
    QC_ASSIGN_OR_RETURN(topology::ClusterMap map, store.Read());
    QC_ASSIGN_OR_RETURN(const topology::NodeIndex self, FindSelf(map, node_id));
    if (map.nodes[self].incarnation == incarnation) return map;
    if (map.nodes[self].incarnation != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("node ", node_id, " has just been bound to another data directory"));
    }
    map.nodes[self].incarnation = incarnation;
    const uint64_t expected_epoch = map.epoch++;
    status = store.CompareAndSet(expected_epoch, map);
    if (status.ok()) return map;
    if (!absl::IsAborted(status) && !absl::IsUnavailable(status)) return status;
  }
  return status;
}

absl::StatusOr<Identity> TakeIdentity(topology::TopologyStore& store, DataDirectory& directory,
                                      absl::string_view node_id, bool accept_rollback) {
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, store.Read());
  const std::optional<topology::NodeIndex> self = map.FindNode(node_id);
  StartFacts facts{.cluster_id = map.cluster_id,
                   .node_id = std::string(node_id),
                   .bound_incarnation = self.has_value() ? map.nodes[*self].incarnation : 0,
                   .identity = directory.identity(),
                   .has_data = directory.HasData(),
                   .accept_rollback = accept_rollback};
  QC_ASSIGN_OR_RETURN(facts.boot_id, ReadBootId());
  QC_RETURN_IF_ERROR(CheckStart(facts));
  const bool must_wait = MustWait(facts);
  Identity identity{.cluster_id = facts.cluster_id, .node_id = facts.node_id};
  if (facts.identity.has_value()) identity = *facts.identity;
  // One that still waits may have taken part without having written it down: never under the same
  // incarnation again.
  if (!facts.identity.has_value() || must_wait) identity.incarnation = runtime::RandomNonZero64();
  identity.is_waiting = must_wait;
  identity.boot_id = facts.boot_id;
  identity.is_clean = false;
  // First the directory, then the map: a directory that died in between is bound at its next start,
  // a map that names a directory which does not exist would need a person.
  QC_RETURN_IF_ERROR(directory.Store(identity));
  // A node that is in no map yet waits to be added, and is bound with that (node_calls.h).
  if (self.has_value() && !must_wait) {
    QC_RETURN_IF_ERROR(BindIncarnation(store, node_id, identity.incarnation).status());
  }
  return identity;
}

}  // namespace quorumcache::node_service
