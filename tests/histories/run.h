// SPDX-License-Identifier: Apache-2.0
// RunOnce: one run of all workloads against a cluster under faults, judged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/histories/client.h"
#include "tests/histories/nemesis.h"
#include "tests/histories/shape.h"
#include "tests/history/history.h"

namespace quorumcache::histories {

struct RunOptions {
  uint64_t seed = 1;
  absl::Duration length = absl::Seconds(20);
  int clients = 9;
  bool faults = true;
  std::vector<FaultKind> fault_kinds = AllFaultKinds();
  // Not empty: the cluster changes its shape, instead of the faults above.
  std::vector<ShapeKind> shapes;
  // The map is in an etcd, of three members.
  bool with_etcd = false;
  // Faults below TCP (PacketFaultKinds) instead. Requires: EnterPrivateNetwork().
  bool drops_packets = false;
  // Everything with consistency ONE: must be found out.
  bool weak = false;
};

struct RunReport {
  history::History history;
  ClientTotals totals;
  size_t operations = 0;
  size_t keys = 0;
  // Of workloads without contention, which are there when the shape changes.
  uint64_t lone_operations = 0;
  uint64_t lone_failed = 0;
  // Of those that failed: their coordinator was killed or asleep.
  uint64_t lone_cut_off = 0;
  std::vector<std::string> lone_failures;
  // Too much for the search: tests/history/linearizability.h. All other checks have passed.
  std::vector<std::string> undecided;
  // Begun, in order.
  std::vector<std::string> faults;
  // What is wrong; and on how many keys an acknowledged write (or increment) was lost, or one took
  // effect twice.
  std::vector<std::string> violations;
  uint64_t lost = 0;
  uint64_t doubled = 0;
  // When two of the checks of the whole history do not fit: the operations of one key.
  history::History evidence;

  bool ok() const { return violations.empty(); }
};

// Starts a cluster on `data_dir`, runs, heals, reads every key again and checks. An error means
// that there was no run: the cluster did not start, or did not come back.
absl::StatusOr<RunReport> RunOnce(const RunOptions& options, const std::string& data_dir);

// While the shape changes one thing is broken at a time, and no majority ever gone. So hardly
// anything may fail but what was on its way in a coordinator that was killed or put to sleep: fewer
// than one in 1,000 operations without contention. False where there were too few to tell.
bool FailsTooOften(const RunReport& report);

// One line: what was done and found.
std::string Summary(const RunReport& report);

}  // namespace quorumcache::histories
