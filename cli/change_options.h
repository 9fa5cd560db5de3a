// SPDX-License-Identifier: Apache-2.0
// ChangeOptions: a change of the cluster's shape as flags.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/runtime/options.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// --address, --zone, --weight, --id: one node that joins.
struct NodeFlags {
  std::string address;
  std::string zone;
  std::string id;
  uint32_t weight = 0;

  // `address_flag`: "address" or "with". `without`: what happens without it, for the help.
  void AddTo(const std::string& address_flag, std::string without, runtime::Options& options);
  void Fill(v1::AddNode& node) const;
  // The flags again, for a command line.
  std::string Text(const std::string& address_flag) const;
};

// --add, --drain, --remove, --replace, --set-weight, --set-zone, each as often as needed.
struct ChangeFlags {
  std::vector<std::string> add;
  std::vector<std::string> drain;
  std::vector<std::string> remove;
  std::vector<std::string> replace;
  std::vector<std::string> weights;
  std::vector<std::string> zones;

  void AddTo(runtime::Options& options);
  // A usage error that says which flag is malformed, or that there is none.
  absl::StatusOr<v1::Change> Parse() const;
  std::string Text() const;
};

}  // namespace quorumcache::cli
