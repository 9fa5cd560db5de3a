// SPDX-License-Identifier: Apache-2.0
#include "cli/topology_commands.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/runtime/random_bits.h"
#include "common/topology_base/map_document.h"
#include "common/topology_file/file_io.h"
#include "common/topology_stores/last_map_store.h"
#include "common/topology_stores/open_store.h"
#include "common/topology_stores/store_options.h"

namespace quorumcache::cli {
namespace {

std::string Describe(const topology::ClusterMap& map) {
  return absl::StrCat("cluster ", map.cluster_id, ", epoch ", map.epoch, ", ", map.nodes.size(),
                      " nodes, ", map.partitions.size(), " partitions");
}

class StoreCommand : public Command {
 public:
  void AddOptions(runtime::Options& options) override {
    topology_stores::AddStoreOptions(&store_options_, &options);
  }

 protected:
  absl::StatusOr<std::unique_ptr<topology::TopologyStore>> OpenStore() const {
    if (const absl::Status options = topology_stores::CheckStoreOptions(store_options_);
        !options.ok()) {
      return UsageError(std::string(options.message()));
    }
    return topology_stores::OpenStore(store_options_, runtime::RandomNonZero64());
  }
  const std::string& topology() const { return store_options_.topology; }

 private:
  topology_stores::StoreOptions store_options_;
};

class ExportCommand final : public StoreCommand {
 public:
  absl::Status Run(const std::vector<std::string>& arguments) override {
    QC_ASSIGN_OR_RETURN(const auto store, OpenStore());
    QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, store->Read());
    const std::string document = topology_base::EncodeMapDocument(map);
    if (arguments.empty()) {
      PrintOut(document);
      return absl::OkStatus();
    }
    QC_RETURN_IF_ERROR(topology_file::ReplaceFile(arguments[0], document));
    PrintError(absl::StrCat(arguments[0], ": ", Describe(map), "\n"));
    return absl::OkStatus();
  }
};

// The newest of some maps, which must be of one cluster.
absl::StatusOr<topology::ClusterMap> NewestOf(const std::vector<std::string>& paths) {
  std::optional<topology::ClusterMap> newest;
  for (const std::string& path : paths) {
    QC_ASSIGN_OR_RETURN(topology::ClusterMap map, topology_stores::ReadMapFile(path));
    PrintError(absl::StrCat(path, ": ", Describe(map), "\n"));
    if (newest.has_value() && newest->cluster_id != map.cluster_id) {
      return absl::FailedPreconditionError(absl::StrCat(path, " is of cluster ", map.cluster_id,
                                                        ", another one is of ", newest->cluster_id,
                                                        "; nothing was changed"));
    }
    if (newest.has_value() && newest->epoch == map.epoch && *newest != map) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " differs from another map of epoch ", map.epoch,
                       ": one of them was not made by a topology store; nothing was changed"));
    }
    if (!newest.has_value() || newest->epoch < map.epoch) newest = std::move(map);
  }
  return *std::move(newest);
}

class ImportCommand final : public StoreCommand {
 public:
  void AddOptions(runtime::Options& options) override {
    StoreCommand::AddOptions(options);
    options.AddBool("if-missing", &if_missing_,
                    {.help = "Leave a map of the same cluster that is there already, and be "
                             "content with it."});
  }
  absl::Status Run(const std::vector<std::string>& arguments) override {
    QC_ASSIGN_OR_RETURN(const auto store, OpenStore());
    QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, NewestOf(arguments));
    const absl::Status created = store->Create(map);
    if (absl::IsAlreadyExists(created) && if_missing_) return CheckPresent(*store, map);
    if (absl::IsAlreadyExists(created)) {
      return absl::AlreadyExistsError(
          absl::StrCat(created.message(),
                       ". A damaged one must be taken out of the way first: "
                       "docs/OPERATIONS.md, \"The store is lost, or its map damaged\""));
    }
    QC_RETURN_IF_ERROR(created);
    PrintError(absl::StrCat("stored in ", topology(), ": ", Describe(map), "\n"));
    return absl::OkStatus();
  }
  Effect effect() const override { return Effect::kWrites; }

 private:
  static absl::Status CheckPresent(topology::TopologyStore& store,
                                   const topology::ClusterMap& map) {
    QC_ASSIGN_OR_RETURN(const topology::ClusterMap present, store.Read());
    if (present.cluster_id == map.cluster_id) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the store holds another cluster: ", Describe(present)));
  }

  bool if_missing_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeTopologyExport() {
  return std::make_unique<ExportCommand>();
}
std::unique_ptr<Command> MakeTopologyImport() {
  return std::make_unique<ImportCommand>();
}

}  // namespace quorumcache::cli
