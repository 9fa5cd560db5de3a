// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/json_text.h"
#include "cli/output.h"

namespace quorumcache::cli {
namespace {

std::string MemberJson(const RunningMember& member) {
  JsonObject object;
  if (!member.is_coordinator) object.AddText("id", member.member.name);
  object.AddText("grpc", member.member.grpc)
      .AddText("http", member.member.http)
      .AddInteger("pid", member.pid);
  if (!member.is_coordinator) object.AddText("data_dir", member.data_dir);
  return object.Text();
}

// The program beside qcctl.
std::string StorageNodeOf(const std::string& qcctl) {
  return absl::StrCat(qcctl.substr(0, qcctl.rfind('/') + 1), "qc-storage-node");
}

}  // namespace

std::string PlaygroundJson(const std::vector<RunningMember>& members) {
  std::vector<std::string> coordinators, storage_nodes;
  for (const RunningMember& member : members) {
    (member.is_coordinator ? coordinators : storage_nodes).push_back(MemberJson(member));
  }
  JsonObject object;
  return object.AddJson("coordinators", JsonArray(coordinators))
             .AddJson("storage_nodes", JsonArray(storage_nodes))
             .Text() +
         "\n";
}

std::string PlaygroundText(const std::vector<RunningMember>& members, const std::string& data_dir,
                           const std::string& qcctl) {
  std::vector<std::vector<std::string>> rows;
  std::string endpoints, http;
  for (const RunningMember& member : members) {
    rows.push_back({member.member.name, member.is_coordinator ? "coordinator" : "storage node",
                    member.member.grpc, member.member.http, absl::StrCat(member.pid)});
    if (!member.is_coordinator) continue;
    absl::StrAppend(&endpoints, endpoints.empty() ? "" : ",", member.member.grpc);
    if (http.empty()) http = member.member.http;
  }
  const std::string first = endpoints.substr(0, endpoints.find(','));
  return absl::StrCat(
      FormatTable({"NAME", "KIND", "GRPC", "HTTP", "PID"}, rows), "\ndata and logs in ", data_dir,
      "\n\ntry:\n  curl -X PUT --data-binary hello 'http://", http,
      "/v1/keys/greeting?ttl=60s'\n  QC_ENDPOINTS=", endpoints, " ", qcctl,
      " get greeting\n  grpcurl -plaintext -d '{\"key\":\"Z3JlZXRpbmc=\"}' ", first,
      " quorumcache.v1.CacheService/Get\n\none node more:\n  ", StorageNodeOf(qcctl),
      " --node-id extra1 --listen 127.0.0.1:7599 --http-listen 127.0.0.1:7598 --data-dir ",
      data_dir, "/extra1 --topology file:", data_dir, "/topology &\n  QC_ENDPOINTS=", endpoints,
      " ", qcctl,
      " node add --address 127.0.0.1:7599 --yes --wait\n\nCtrl-C stops everything; the data "
      "stays.\n");
}

}  // namespace quorumcache::cli
