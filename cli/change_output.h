// SPDX-License-Identifier: Apache-2.0
// What a change of the cluster's shape looks like, as text. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "cli/output.h"
#include "quorumcache/v1/cluster.pb.h"

namespace quorumcache::cli {

// 1536 -> "1.5 KiB".
std::string BytesText(uint64_t bytes);

// `commit_line`: the command that commits this plan.
std::string FormatPlan(OutputForm form, const v1::PlanChangeResponse& plan,
                       absl::string_view commit_line);
// kValue: "idle", "running" or "aborting".
std::string FormatRebalance(OutputForm form, const v1::Rebalance& rebalance);

// Of the replicas that the change copies, in [0, 1]; 1 where there is nothing to do.
double RebalanceFraction(const v1::Rebalance& rebalance);
// What stands beside the progress bar: counts, speed, time left, trouble.
std::string RebalanceDetail(const v1::Rebalance& rebalance);

}  // namespace quorumcache::cli
