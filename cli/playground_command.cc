// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_command.h"

#include <filesystem>

#include "cli/playground.h"
#include "cli/playground_output.h"
#include "common/base/status_macros.h"
#include "common/runtime/shutdown_signal.h"

namespace quorumcache::cli {
namespace {

class PlaygroundCommand final : public Command {
 public:
  void AddOptions(runtime::Options& options) override {
    options.AddString("data-dir", &playground_.data_dir,
                      {.help = "Where data, logs and the cluster map live; found again by the next "
                               "start.",
                       .value_name = "DIR"});
    options.AddInteger("storage-nodes", &playground_.storage_nodes, 1u, 100u,
                       {.help = "How many storage nodes."});
    options.AddInteger("coordinators", &playground_.coordinators, 1u, 100u,
                       {.help = "How many coordinators."});
    options.AddInteger("zones", &playground_.zones, 1u, 100u,
                       {.help = "Spread the storage nodes over so many zones."});
    options.AddInteger("replication-factor", &playground_.replication_factor, 1u,
                       static_cast<uint32_t>(limits::kReplicasMax),
                       {.help = "Replicas of each key; at most one a node. First start only."});
    options.AddInteger("partitions", &playground_.partitions, 1u, limits::kPartitionsMax,
                       {.help = "Partitions, a power of two. First start only."});
    options.AddInteger("base-port", &playground_.base_port, uint16_t{0}, uint16_t{65535},
                       {.help = "Use ports from this one on; 0: the usual ones where they are "
                                "free. First start only.",
                        .value_name = "PORT"});
    options.AddList("namespace", &playground_.namespaces,
                    {.help = "Namespaces beside \"default\"."});
    options.AddList("advertise", &playground_.advertise,
                    {.help = "NODE=HOST:PORT: where the others find a storage node, if not where "
                             "it listens: a proxy or a forwarded port. First start only.",
                     .value_name = "NODE=HOST:PORT"});
    options.AddChoice("topology", &playground_.topology, {"file", "etcd"},
                      {.help = "Where the cluster map is kept; etcd: one that is started here, or "
                               "--etcd-endpoints."});
    options.AddList(
        "etcd-endpoints", &playground_.etcd_endpoints,
        {.help = "A running etcd to use; implies --topology etcd.", .value_name = "HOST:PORT"});
    options.AddBool("restart", &playground_.restart, {.help = "Start members that died again."});
    options.AddBool("json", &json_, {.help = "Print one line of JSON when all are ready."});
    options.AddDuration("start-timeout", &playground_.start_timeout, absl::Seconds(1),
                        absl::Hours(1), {.help = "How long the members may take to be ready."});
  }

  absl::Status Run(const std::vector<std::string>&) override {
    if (playground_.data_dir.empty()) return UsageError("--data-dir is missing");
    if (!playground_.etcd_endpoints.empty()) playground_.topology = "etcd";
    std::error_code error;
    playground_.data_dir =
        std::filesystem::absolute(playground_.data_dir, error).lexically_normal();
    playground_.bin_dir = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    if (playground_.replication_factor > playground_.storage_nodes) {
      playground_.replication_factor = playground_.storage_nodes;
    }
    runtime::ShutdownSignal signal;
    Playground playground(playground_);
    QC_RETURN_IF_ERROR(playground.Start());
    const absl::Status ready = playground.WaitUntilReady(signal);
    // Stopped before it was ready, as asked.
    if (absl::IsCancelled(ready)) return absl::OkStatus();
    QC_RETURN_IF_ERROR(ready);
    PrintOut(json_ ? PlaygroundJson(playground.Members())
                   : PlaygroundText(playground.Members(), playground_.data_dir,
                                    playground_.bin_dir + "/qcctl"));
    playground.Supervise(signal);
    if (!json_) PrintError("stopping\n");
    playground.Stop();
    return absl::OkStatus();
  }

 private:
  PlaygroundOptions playground_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakePlayground() {
  return std::make_unique<PlaygroundCommand>();
}

}  // namespace quorumcache::cli
