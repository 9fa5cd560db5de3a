// SPDX-License-Identifier: Apache-2.0
#include "cli/init_command.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/runtime/listen_address.h"
#include "common/runtime/random_bits.h"
#include "common/topology/placement.h"
#include "common/topology_stores/open_store.h"
#include "common/topology_stores/store_options.h"

namespace quorumcache::cli {
namespace {

// "ID=HOST:PORT" or "ID=HOST:PORT=ZONE".
absl::StatusOr<topology::Node> ParseNode(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty()) {
    return UsageError(
        absl::StrCat("--node ", text, ": it must be ID=HOST:PORT or ID=HOST:PORT=ZONE"));
  }
  QC_RETURN_IF_ERROR(runtime::ParseHostPort(parts[1]).status());
  return topology::Node{
      .id = parts[0], .address = parts[1], .zone = parts.size() == 3 ? parts[2] : std::string()};
}

class ClusterInitCommand final : public Command {
 public:
  void AddOptions(runtime::Options& options) override {
    topology_stores::AddStoreOptions(&store_options_, &options);
    options.AddList("node", &nodes_,
                    {.help = "A storage node: ID=HOST:PORT or ID=HOST:PORT=ZONE; repeat it.",
                     .value_name = "NODE"});
    options.AddInteger("replication-factor", &cluster_.replication_factor, 1u,
                       static_cast<uint32_t>(limits::kReplicasMax),
                       {.help = "Replicas of each key; at most one a node."});
    options.AddInteger("partitions", &cluster_.partition_count, 1u, limits::kPartitionsMax,
                       {.help = "Partitions, a power of two. It cannot be changed later."});
    options.AddList("namespace", &namespaces_, {.help = "Namespaces beside \"default\"."});
    options.AddBool("if-missing", &if_missing_,
                    {.help = "Do nothing, successfully, where there is a map already."});
  }

  absl::Status Run(const std::vector<std::string>&) override {
    if (const absl::Status checked = topology_stores::CheckStoreOptions(store_options_);
        !checked.ok()) {
      return UsageError(std::string(checked.message()));
    }
    if (nodes_.empty()) return UsageError("--node is missing");
    QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, FirstMap());
    QC_ASSIGN_OR_RETURN(const auto store,
                        topology_stores::OpenStore(store_options_, runtime::RandomNonZero64()));
    const absl::Status created = store->Create(map);
    if (if_missing_ && absl::IsAlreadyExists(created)) {
      PrintError("there is a cluster map already; it stays as it is\n");
      return absl::OkStatus();
    }
    QC_RETURN_IF_ERROR(created);
    PrintOut(absl::StrCat("cluster ", map.cluster_id, ": ", map.nodes.size(), " storage nodes, ",
                          map.partitions.size(), " partitions, ", cluster_.replication_factor,
                          " replicas of each key\n"));
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<topology::ClusterMap> FirstMap() {
    cluster_.cluster_id = absl::StrFormat("cluster-%016x", runtime::RandomNonZero64());
    for (const std::string& text : nodes_) {
      QC_ASSIGN_OR_RETURN(topology::Node node, ParseNode(text));
      cluster_.nodes.push_back(std::move(node));
    }
    for (const std::string& name : namespaces_) cluster_.namespaces.push_back({.name = name});
    return topology::MakeFirstMap(cluster_);
  }

  topology_stores::StoreOptions store_options_;
  std::vector<std::string> nodes_;
  std::vector<std::string> namespaces_;
  bool if_missing_ = false;
  topology::NewCluster cluster_;
};

}  // namespace

std::unique_ptr<Command> MakeClusterInit() {
  return std::make_unique<ClusterInitCommand>();
}

}  // namespace quorumcache::cli
