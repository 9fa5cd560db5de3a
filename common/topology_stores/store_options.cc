// SPDX-License-Identifier: Apache-2.0
#include "common/topology_stores/store_options.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/topology_etcd/etcd_url.h"

namespace quorumcache::topology_stores {
namespace {

absl::Status CheckTls(const StoreOptions& options) {
  if (options.etcd_cert.empty() != options.etcd_key.empty()) {
    return absl::InvalidArgumentError("--etcd-cert and --etcd-key belong together");
  }
  if (absl::StartsWith(options.topology, "etcds:")) return absl::OkStatus();
  if (options.etcd_ca.empty() && options.etcd_cert.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--etcd-ca, --etcd-cert and --etcd-key are for --topology etcds://...");
}

absl::Status CheckUser(const StoreOptions& options) {
  if (options.etcd_user.empty() != options.etcd_password_file.empty()) {
    return absl::InvalidArgumentError("--etcd-user and --etcd-password-file belong together");
  }
  if (options.etcd_user.empty() || absl::StartsWith(options.topology, "etcd")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("--etcd-user is for --topology etcd://... or etcds://...");
}

}  // namespace

void AddStoreOptions(StoreOptions* target, runtime::Options* options) {
  options->AddString("topology", &target->topology,
                     {.help = "Where the cluster map is kept; required: file:PATH (one machine), "
                              "etcd://HOST:PORT,.../PREFIX or, with TLS, etcds://...",
                      .reason = "One etcd may serve many clusters; the prefix is /quorumcache "
                                "unless named.",
                      .value_name = "URL"});
  options->AddString("etcd-ca", &target->etcd_ca,
                     {.help = "PEM file of who signs etcd's certificates.",
                      .reason = "Empty: the system's authorities.",
                      .value_name = "FILE"});
  options->AddString(
      "etcd-cert", &target->etcd_cert,
      {.help = "PEM file of this process's certificate for etcd.", .value_name = "FILE"});
  options->AddString("etcd-key", &target->etcd_key,
                     {.help = "PEM file of the key of --etcd-cert.", .value_name = "FILE"});
  options->AddString("etcd-user", &target->etcd_user, {.help = "User name at etcd."});
  options->AddString("etcd-password-file", &target->etcd_password_file,
                     {.help = "File with the password of --etcd-user; one line.",
                      .reason = "A file: command lines are for everybody to see.",
                      .value_name = "FILE"});
}

absl::Status CheckStoreOptions(const StoreOptions& options) {
  const std::string& topology = options.topology;
  if (topology.empty()) {
    return absl::InvalidArgumentError(
        "--topology is required: file:PATH or etcd://HOST:PORT,.../PREFIX");
  }
  if (absl::StartsWith(topology, "etcd")) {
    const auto url = topology_etcd::ParseEtcdUrl(topology);
    if (!url.ok()) return url.status();
  } else if (!absl::StartsWith(topology, "file:") || topology.size() == 5) {
    return absl::InvalidArgumentError(
        absl::StrCat("--topology \"", topology,
                     "\" is neither file:PATH nor etcd://HOST:PORT,.../PREFIX nor etcds://..."));
  }
  if (const absl::Status tls = CheckTls(options); !tls.ok()) return tls;
  return CheckUser(options);
}

}  // namespace quorumcache::topology_stores
