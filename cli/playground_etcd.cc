// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_etcd.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/http_probe.h"
#include "common/base/status_macros.h"
#include "common/runtime/free_ports.h"
#include "common/runtime/random_bits.h"
#include "common/topology_file/file_store.h"

namespace quorumcache::cli {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(30);
constexpr absl::Duration kStopTimeout = absl::Seconds(10);
constexpr absl::Duration kImportTimeout = absl::Seconds(60);
constexpr absl::Duration kPollInterval = absl::Milliseconds(50);

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const absl::string_view directory : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    std::string candidate = absl::StrCat(directory, "/", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return absl::NotFoundError(
      absl::StrCat("`", name,
                   "` is not in the PATH: install the package etcd-server, or name a "
                   "running etcd with --etcd-endpoints HOST:PORT"));
}

std::vector<std::string> Arguments(const std::string& program, const std::string& directory,
                                   const std::string& client, const std::string& peer) {
  return {program,
          "--name",
          "playground",
          "--data-dir",
          directory,
          "--listen-client-urls",
          client,
          "--advertise-client-urls",
          client,
          "--listen-peer-urls",
          peer,
          "--initial-advertise-peer-urls",
          peer,
          "--initial-cluster",
          absl::StrCat("playground=", peer),
          "--auto-compaction-mode",
          "revision",
          "--auto-compaction-retention",
          "1000"};
}

}  // namespace

absl::StatusOr<PlaygroundEtcd> PlaygroundEtcd::Start(const std::string& directory,
                                                     const std::string& log) {
  QC_ASSIGN_OR_RETURN(const std::string program, FindProgram("etcd"));
  runtime::PortPicker ports(runtime::RandomNonZero64());
  QC_ASSIGN_OR_RETURN(const uint16_t client, ports.Any());
  QC_ASSIGN_OR_RETURN(const uint16_t peer, ports.Any());
  const std::string endpoint = absl::StrCat("127.0.0.1:", client);
  QC_ASSIGN_OR_RETURN(ChildProcess child,
                      ChildProcess::Start(Arguments(program, directory, "http://" + endpoint,
                                                    absl::StrCat("http://127.0.0.1:", peer)),
                                          log));
  PlaygroundEtcd etcd(std::move(child), endpoint);
  const absl::Time until = absl::Now() + kStartTimeout;
  while (HttpStatusOf(endpoint, "/health", absl::Seconds(1)) != 200) {
    if (etcd.child_.Ended().has_value() || absl::Now() > until) {
      return absl::UnavailableError(absl::StrCat("etcd does not come up; see ", log));
    }
    absl::SleepFor(kPollInterval);
  }
  return etcd;
}

PlaygroundEtcd::PlaygroundEtcd(PlaygroundEtcd&& other) noexcept
    : is_owner_(std::exchange(other.is_owner_, false)),
      child_(std::move(other.child_)),
      endpoint_(std::move(other.endpoint_)) {}

PlaygroundEtcd::~PlaygroundEtcd() {
  if (!is_owner_) return;
  child_.Signal(SIGTERM);
  if (child_.WaitForEnd(kStopTimeout)) return;
  child_.Signal(SIGKILL);
  child_.WaitForEnd(absl::InfiniteDuration());
}

absl::StatusOr<std::string> MoveMapToEtcd(const MapMove& move) {
  topology_file::FileStore file(move.map_file);
  QC_ASSIGN_OR_RETURN(const topology::ClusterMap map, file.Read());
  const std::string url =
      absl::StrCat("etcd://", absl::StrJoin(move.endpoints, ","), "/quorumcache/", map.cluster_id);
  QC_ASSIGN_OR_RETURN(ChildProcess child,
                      ChildProcess::Start({move.qcctl, "topology", "import", "--if-missing",
                                           "--topology", url, move.map_file},
                                          move.log));
  const bool ended = child.WaitForEnd(kImportTimeout);
  if (ended && child.Ended() == "exit code 0") return url;
  if (!ended) child.Signal(SIGKILL);
  return absl::UnavailableError(
      absl::StrCat("the cluster map could not be put into ", url, "; see ", move.log));
}

}  // namespace quorumcache::cli
