// SPDX-License-Identifier: Apache-2.0
// qc-storage-node: reads its settings, opens directory, engine and replica, serves until SIGTERM or
// SIGINT, takes it all down and marks the directory as clean.
//
// Exit codes: 0 stopped as asked, 1 could not start or not stop in good order, 2 usage.
#include <glog/logging.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/metrics/names.h"
#include "common/metrics/process_collector.h"
#include "common/metrics/registry.h"
#include "common/rpc/grpc_log.h"
#include "common/runtime/config.h"
#include "common/runtime/listen_address.h"
#include "common/runtime/logging.h"
#include "common/runtime/random_bits.h"
#include "common/runtime/real_clock.h"
#include "common/runtime/service_manager.h"
#include "common/runtime/shutdown_signal.h"
#include "common/runtime/version.h"
#include "common/topology_stores/last_map_store.h"
#include "common/topology_stores/open_store.h"
#include "storage_node/disk_metrics.h"
#include "storage_node/engine/error.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/engine_rocksdb/rocks_engine.h"
#include "storage_node/replica/replica.h"
#include "storage_node/rocks_metrics.h"
#include "storage_node/service/data_directory.h"
#include "storage_node/service/incarnation.h"
#include "storage_node/service/node_options.h"
#include "storage_node/service/storage_node.h"
#include "storage_node/service/twin.h"

namespace quorumcache {
namespace {

constexpr char kProgram[] = "qc-storage-node";
// How long a topology store that cannot be reached is waited for between attempts.
constexpr absl::Duration kStoreRetryInterval = absl::Milliseconds(200);

// What a memory engine keeps to simulate power failures is of no use here.
class VolatileEngine final : public engine::MemoryEngine {
 public:
  absl::Status Write(const engine::WriteBatch& batch, bool fsync) override {
    return MemoryEngine::Write(batch, /*fsync=*/true);
  }
};

// Who started this process may want to know; that it cannot be told is no reason to stop.
void Tell(const absl::Status& told) {
  LOG_IF(WARNING, !told.ok()) << told.message();
}

absl::StatusOr<node_service::Identity> TakeIdentity(const node_service::NodeOptions& options,
                                                    topology::TopologyStore& store,
                                                    node_service::DataDirectory& directory,
                                                    const runtime::ServiceManager& manager,
                                                    runtime::ShutdownSignal& signal) {
  if (options.engine == "memory" && directory.identity().has_value()) {
    return absl::FailedPreconditionError(
        "--engine memory forgets everything at the end, so a directory serves one start only; use "
        "a new cluster");
  }
  for (;;) {
    absl::StatusOr<node_service::Identity> identity =
        node_service::TakeIdentity(store, directory, options.node_id, options.accept_rollback);
    if (!absl::IsUnavailable(identity.status())) return identity;
    LOG(WARNING) << identity.status().message() << "; trying again";
    Tell(manager.Waiting(identity.status().message()));
    if (signal.WaitFor(kStoreRetryInterval) >= 0) return absl::CancelledError("stopped");
  }
}

absl::StatusOr<std::unique_ptr<engine::Engine>> OpenEngine(
    const node_service::NodeOptions& options, const node_service::DataDirectory& directory,
    metrics::Registry& registry) {
  if (options.engine == "memory") {
    LOG(WARNING) << "--engine memory: ALL DATA IS LOST WHEN THIS PROCESS ENDS; for measurements "
                    "only";
    return std::make_unique<VolatileEngine>();
  }
  engine_rocksdb::RocksOptions rocks;
  rocks.block_cache_bytes = options.block_cache_bytes;
  rocks.write_buffer_bytes = options.write_buffer_bytes;
  rocks.wal_sync_interval = options.wal_sync_interval;
  QC_ASSIGN_OR_RETURN(std::unique_ptr<engine_rocksdb::RocksEngine> engine,
                      engine_rocksdb::RocksEngine::Open(directory.data_path(), rocks));
  AddRocksMetrics(*engine, registry);
  AddDiskMetrics(directory.data_path(), registry);
  return engine;
}

node_service::StorageNodeOptions MakeNodeOptions(const node_service::NodeOptions& options) {
  node_service::StorageNodeOptions node;
  node.listen = options.listen;
  const runtime::HostPort http = *runtime::ParseHostPort(options.http_listen);  // validated
  node.http_host = http.host;
  node.http_port = http.port;
  node.garbage.grace = options.garbage_grace;
  node.garbage.interval = options.garbage_interval;
  node.garbage.walked_bytes_per_second = options.garbage_rate_bytes;
  node.rebalance_bytes_per_second = options.rebalance_bandwidth_bytes;
  return node;
}

replica::ReplicaOptions MakeReplicaOptions(const node_service::NodeOptions& options,
                                           const node_service::Identity& identity,
                                           const topology::ClusterMap& map) {
  replica::ReplicaOptions replica;
  replica.incarnation = identity.incarnation;
  replica.partition_count = static_cast<uint32_t>(map.partitions.size());
  replica.clock_skew_ms_max =
      static_cast<uint64_t>(absl::ToInt64Milliseconds(options.clock_skew_max));
  replica.cache_bytes_max = options.record_cache_bytes;
  return replica;
}

// As the map has it; empty where it has no such node: one that waits to be added.
std::string AddressOf(const std::string& node_id, const topology::ClusterMap& map) {
  const std::optional<topology::NodeIndex> node = map.FindNode(node_id);
  return node.has_value() ? map.nodes[*node].address : "";
}

absl::Status ServeUntilSignal(const node_service::NodeOptions& options,
                              const node_service::StorageNodeParts& parts,
                              const runtime::ServiceManager& manager,
                              runtime::ShutdownSignal& signal) {
  QC_ASSIGN_OR_RETURN(std::unique_ptr<node_service::StorageNode> node,
                      node_service::StorageNode::Start(MakeNodeOptions(options), parts));
  LOG(INFO) << "node " << options.node_id << " of cluster " << parts.identity.cluster_id
            << ", incarnation " << absl::StrCat(absl::Hex(parts.identity.incarnation))
            << ": gRPC on port " << node->grpc_port() << ", HTTP on port " << node->http_port();
  Tell(manager.Ready(absl::StrCat("node ", options.node_id, ": gRPC on port ", node->grpc_port(),
                                  ", HTTP on port ", node->http_port())));
  const int number = signal.Wait();
  LOG(INFO) << "signal " << number << ": stopping";
  Tell(manager.Stopping());
  node->Stop();
  return absl::OkStatus();
}

// Everything is on the disk: the next start need not ask what was lost.
absl::Status MarkClean(replica::Replica& replica, node_service::DataDirectory& directory) {
  QC_RETURN_IF_ERROR(replica.Flush());
  QC_RETURN_IF_ERROR(replica.Health());
  node_service::Identity identity = *directory.identity();
  identity.is_clean = true;
  return directory.Store(identity);
}

absl::Status Run(const node_service::NodeOptions& options, runtime::ShutdownSignal& signal) {
  const runtime::RealClock clock;
  const runtime::ServiceManager manager = runtime::ServiceManager::FromEnvironment();
  metrics::Registry registry;
  registry.AddCollectable(std::make_shared<metrics::ProcessCollector>());
  registry.AddGauge(metrics::kBuildInfo, {{"version", std::string(runtime::Version())}}).Set(1);
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<topology::TopologyStore> opened,
                      topology_stores::OpenStore(options.store, runtime::RandomNonZero64()));
  QC_ASSIGN_OR_RETURN(std::unique_ptr<node_service::DataDirectory> directory,
                      node_service::DataDirectory::Open(options.data_dir));
  topology_stores::LastMapStore store(
      *opened, directory->last_map_path(), [](const absl::Status& status) {
        LOG(WARNING) << "the cluster map cannot be kept in the data directory: "
                     << status.message();
      });
  QC_ASSIGN_OR_RETURN(const node_service::Identity identity,
                      TakeIdentity(options, store, *directory, manager, signal));
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, store.Read());
  if (const std::string address = AddressOf(options.node_id, map); !address.empty()) {
    QC_RETURN_IF_ERROR(node_service::CheckNoTwin(options.node_id, address));
  }
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                      OpenEngine(options, *directory, registry));
  QC_ASSIGN_OR_RETURN(
      const std::unique_ptr<replica::Replica> replica,
      replica::Replica::Open(engine.get(), MakeReplicaOptions(options, identity, map)));
  const node_service::StorageNodeParts parts{
      .identity = identity,
      .partition_count = static_cast<uint32_t>(map.partitions.size()),
      .replica = *replica,
      .engine = *engine,
      .store = store,
      .clock = clock,
      .registry = registry};
  QC_RETURN_IF_ERROR(ServeUntilSignal(options, parts, manager, signal));
  QC_RETURN_IF_ERROR(MarkClean(*replica, *directory));
  LOG(INFO) << "stopped";
  return absl::OkStatus();
}

// What to do next about what stopped this node, where that is not in the message already.
std::string NextStep(const absl::Status& status, const node_service::NodeOptions& options) {
  if (engine::CauseOf(status) != engine::Cause::kCorrupt) return "";
  return absl::StrCat(
      "; nothing was changed, and nothing was served from ", options.data_dir,
      ". The other replicas still hold the data: check the disk, keep the directory for a look, "
      "start a node with an empty one and let it take this one's place: qcctl node replace ",
      options.node_id, " --with NEW");
}

int Main(int argc, char** argv) {
  runtime::ShutdownSignal signal;
  node_service::NodeOptions node_options;
  runtime::Options options;
  node_service::AddNodeOptions(&node_options, &options);
  const std::optional<int> exit_code = runtime::ConfigureServer(
      {.name = kProgram, .summary = "Stores records and answers replica requests."}, argc, argv,
      options, [&node_options] { return node_service::ValidateNodeOptions(node_options); });
  if (exit_code.has_value()) return *exit_code;
  runtime::InitLogging(kProgram, node_options.log_level);
  rpc::SendGrpcLogToGlog();
  runtime::LogStart(kProgram, runtime::Version());
  if (const absl::Status status = Run(node_options, signal); !status.ok()) {
    LOG(ERROR) << kProgram << " " << node_options.node_id << ": " << status.message()
               << NextStep(status, node_options);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace quorumcache

int main(int argc, char** argv) {
  return quorumcache::Main(argc, argv);
}
