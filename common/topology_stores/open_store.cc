// SPDX-License-Identifier: Apache-2.0
#include "common/topology_stores/open_store.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/topology_etcd/etcd_store.h"
#include "common/topology_etcd/etcd_url.h"
#include "common/topology_file/file_store.h"

namespace quorumcache::topology_stores {
namespace {

// The text of what `flag` names; empty where it names nothing.
absl::StatusOr<std::string> ReadNamed(absl::string_view flag, const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat(flag, ": cannot read ", path));
  }
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(flag, ": ", path, " is empty"));
  return text;
}

absl::StatusOr<topology_etcd::EtcdOptions> MakeEtcdOptions(const StoreOptions& options,
                                                           uint64_t seed) {
  topology_etcd::EtcdOptions etcd;
  QC_ASSIGN_OR_RETURN(etcd.tls.ca, ReadNamed("--etcd-ca", options.etcd_ca));
  QC_ASSIGN_OR_RETURN(etcd.tls.certificate, ReadNamed("--etcd-cert", options.etcd_cert));
  QC_ASSIGN_OR_RETURN(etcd.tls.key, ReadNamed("--etcd-key", options.etcd_key));
  QC_ASSIGN_OR_RETURN(const std::string password,
                      ReadNamed("--etcd-password-file", options.etcd_password_file));
  etcd.user = options.etcd_user;
  etcd.password = std::string(absl::StripTrailingAsciiWhitespace(password));
  etcd.seed = seed;
  return etcd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<topology::TopologyStore>> OpenStore(const StoreOptions& options,
                                                                   uint64_t seed) {
  QC_RETURN_IF_ERROR(CheckStoreOptions(options));
  absl::string_view path = options.topology;
  if (absl::ConsumePrefix(&path, "file:")) {
    return std::make_unique<topology_file::FileStore>(std::string(path));
  }
  QC_ASSIGN_OR_RETURN(topology_etcd::EtcdUrl url, topology_etcd::ParseEtcdUrl(options.topology));
  QC_ASSIGN_OR_RETURN(const topology_etcd::EtcdOptions etcd, MakeEtcdOptions(options, seed));
  return std::make_unique<topology_etcd::EtcdStore>(std::move(url), etcd);
}

}  // namespace quorumcache::topology_stores
