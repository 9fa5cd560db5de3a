// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_map.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/runtime/random_bits.h"
#include "common/topology/placement.h"
#include "common/topology_file/file_store.h"

namespace quorumcache::cli {
namespace {

absl::StatusOr<topology::ClusterMap> FirstMap(const MapRequest& request) {
  topology::NewCluster cluster;
  cluster.cluster_id = absl::StrFormat("playground-%016x", runtime::RandomNonZero64());
  cluster.replication_factor = request.replication_factor;
  cluster.partition_count = request.partitions;
  for (size_t i = 0; i < request.storage_nodes.size(); ++i) {
    const std::string zone =
        request.zones > 1 ? absl::StrCat("z", i % request.zones + 1) : std::string();
    cluster.nodes.push_back({.id = request.storage_nodes[i].name,
                             .address = request.storage_nodes[i].grpc,
                             .zone = zone});
  }
  for (const std::string& name : request.namespaces) cluster.namespaces.push_back({.name = name});
  return topology::MakeFirstMap(cluster);
}

absl::Status CheckNodes(const topology::ClusterMap& map, const MapRequest& request) {
  bool same = map.nodes.size() == request.storage_nodes.size();
  for (size_t i = 0; same && i < map.nodes.size(); ++i) {
    same = map.nodes[i].id == request.storage_nodes[i].name &&
           map.nodes[i].address == request.storage_nodes[i].grpc;
  }
  if (same) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the files `topology` and `ports` of the data directory do not belong together: restore "
      "both, "
      "or choose another --data-dir");
}

// Adds those of the namespaces that are missing.
absl::Status AddNamespaces(topology_file::FileStore& store, topology::ClusterMap map,
                           const std::vector<std::string>& names) {
  const uint64_t epoch = map.epoch;
  for (const std::string& name : names) {
    if (map.FindNamespace(name) == nullptr) map.namespaces.push_back({.name = name});
  }
  const absl::StatusOr<topology::ClusterMap> present = store.Read();
  if (!present.ok() || present->namespaces == map.namespaces) return present.status();
  map.epoch = epoch + 1;
  return store.CompareAndSet(epoch, map);
}

// A host, a colon and a port from 1 to 65535.
bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(text.substr(colon + 1), &port) && port >= 1 && port <= 65535;
}

}  // namespace

absl::StatusOr<std::vector<PlaygroundMember>> Advertised(
    std::vector<PlaygroundMember> members, const std::vector<std::string>& advertise) {
  for (const std::string& entry : advertise) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const auto member = std::find_if(
        members.begin(), members.end(),
        [&](const PlaygroundMember& candidate) { return candidate.name == parts.first; });
    if (member == members.end() || !IsAddress(parts.second)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--advertise ", entry, " is not NODE=HOST:PORT with one of the storage nodes n1 to n",
          members.size()));
    }
    member->grpc = parts.second;
  }
  return members;
}

absl::Status EnsureMap(const std::string& path, const MapRequest& request) {
  topology_file::FileStore store(path);
  const absl::StatusOr<topology::ClusterMap> map = store.Read();
  if (map.ok()) {
    QC_RETURN_IF_ERROR(CheckNodes(*map, request));
    return AddNamespaces(store, *map, request.namespaces);
  }
  if (!absl::IsNotFound(map.status())) return map.status();
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap first, FirstMap(request));
  return store.Create(first);
}

absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot make ", path, ": ", error.message()));
}

}  // namespace quorumcache::cli
