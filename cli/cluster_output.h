// SPDX-License-Identifier: Apache-2.0
// What a cluster looks like, as text. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cli/output.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// Partitions by how many of their slots have all of their nodes up.
struct RangeCounts {
  uint32_t all_ok = 0;
  // A majority.
  uint32_t quorum = 0;
  // Less: its keys cannot be written, nor read at QUORUM.
  uint32_t lost = 0;
};
RangeCounts CountRanges(const v1::GetClusterMapResponse& map);

std::string FormatStatus(OutputForm form, const v1::GetClusterMapResponse& map);
std::string FormatNodes(OutputForm form, const v1::GetClusterMapResponse& map);
std::string FormatLocation(OutputForm form, absl::string_view key,
                           const v1::LocateKeyResponse& response);

}  // namespace quorumcache::cli
