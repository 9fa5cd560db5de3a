// SPDX-License-Identifier: Apache-2.0
// GarbageKeeper: decides when a storage node runs which garbage round, and how fast.
// Protocol: docs/PROTOCOL.md#forgetting; what to set and watch: docs/OPERATIONS.md §5.
//
// Pure: time, maps and answers in, requests out; GarbageRunner does what it says. Passes begin at
// jittered intervals; each takes the partitions that have something to forget, one after another.
// A step is asked of a replica only once what it walked last has been paid for in time, so that
// rounds cost each replica a bounded number of bytes a second. A round is given up when the map
// changes the partition under it, or a replica does not answer or says no; the next pass tries
// again.
//
//   waiting -> (a pass is due) -> reading the watch -> running jobs -> closing -> waiting
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/base/random.h"
#include "common/base/time.h"
#include "common/topology/cluster_map.h"
#include "quorumcache/internal/v1/replica.pb.h"
#include "storage_node/replica/garbage_round.h"
#include "storage_node/transfer/garbage_plan.h"
#include "storage_node/transfer/garbage_stats.h"
#include "storage_node/transfer/garbage_step.h"

namespace quorumcache::transfer {

struct GarbageSettings {
  // What has been dead for so long may go. Above the largest clock skew and the longest deadline.
  absl::Duration grace = absl::Milliseconds(limits::kGcGraceMsDefault);
  // Between the beginnings of two passes, a quarter more or less.
  absl::Duration interval = absl::Minutes(1);
  // Of each replica, while a round runs over it.
  uint64_t walked_bytes_per_second = uint64_t{16} << 20;
  // Of this node: its id, and a random number for the jitter and the ballots it settles with.
  std::string node_id;
  uint64_t seed = 0;
};

// What the node's own replica knows.
struct GarbageView {
  // GarbageWatch::EarliestMs by partition.
  std::vector<uint64_t> earliest_ms;
  uint64_t highest_hlc = 0;
};

// One request to one replica.
struct GarbageAsk {
  // Comes back with the answer.
  uint64_t id = 0;
  // host:port; empty: this node's own replica.
  std::string address;
  internal::v1::CollectGarbageRequest request;
};

struct GarbageOutput {
  std::vector<GarbageAsk> asks;
  // OnView is to be called.
  bool wants_view = false;
};

// Thread-compatible.
class GarbageKeeper {
 public:
  // Rounds over one partition in one pass, where replicas differ in more than a round repairs.
  static constexpr int kRepeatsMax = 16;

  // `stats` outlives the keeper.
  GarbageKeeper(const GarbageSettings& settings, GarbageStats* stats);

  // A new map is in force; the first starts it all.
  GarbageOutput OnMap(std::shared_ptr<const topology::ClusterMap> map, const base::Now& now);
  GarbageOutput OnView(const GarbageView& view, const base::Now& now);
  // The answer to an ask, or why there is none. Those of given-up rounds are ignored.
  GarbageOutput OnAnswer(uint64_t id, const absl::Status& status,
                         const internal::v1::CollectGarbageResponse& response,
                         const base::Now& now);
  GarbageOutput OnTimer(const base::Now& now);
  // When OnTimer wants to be called; may change with every call. Infinite(): not at all.
  base::MonotonicTime wake_at() const;

 private:
  enum class State : uint8_t { kWaiting, kReadingView, kRunning, kClosing };
  // One replica of the partition under way.
  struct Lane {
    std::string node_id;
    std::string address;
    uint64_t incarnation = 0;
    std::deque<GarbageAction> queue;
    std::vector<GarbageAction> under_way;
    uint64_t ask_id = 0;  // 0: nothing is under way
    base::MonotonicTime not_before;
  };

  void SchedulePass(const base::Now& now);
  void BeginPass(const GarbageView& view, const base::Now& now);
  void EndPass(const GarbageView& view, const base::Now& now);
  // Starts jobs until one has something to ask, or there are none.
  void StartJobs(const base::Now& now, GarbageOutput* output);
  // False: it is not to be run (any more).
  bool StartJob(const base::Now& now);
  bool AddLanes(const topology::PartitionEntry& entry);
  void TakeSurveyAnswer(const absl::Status& status,
                        const internal::v1::CollectGarbageResponse& response);
  void TakeRoundAnswer(size_t lane, const absl::Status& status,
                       const internal::v1::CollectGarbageResponse& response);
  void Enqueue(GarbageActions actions);
  void FinishRound();
  void EndRound(RoundEnd end);
  void Pump(const base::Now& now, GarbageOutput* output);
  void AskNext(Lane* lane, GarbageOutput* output);
  std::optional<topology::NodeIndex> self() const;
  uint64_t grace_ms() const {
    return static_cast<uint64_t>(absl::ToInt64Milliseconds(settings_.grace));
  }

  const GarbageSettings settings_;
  GarbageStats& stats_;
  base::Random random_;
  std::shared_ptr<const topology::ClusterMap> map_;
  State state_ = State::kWaiting;
  base::MonotonicTime pass_at_ = base::MonotonicTime::Infinite();
  // Of this pass.
  std::deque<GarbageJob> jobs_;
  std::set<std::string> nodes_down_;
  std::array<int64_t, kWaitReasonNames.size()> waiting_ = {};
  std::vector<bool> was_unknown_;
  uint64_t highest_hlc_ = 0;
  // The job under way; a survey has no round.
  std::optional<GarbageJob> job_;
  std::optional<replica::GarbageRound> round_;
  uint32_t job_epoch_ = 0;
  std::vector<Lane> lanes_;
  uint64_t next_ask_id_ = 1;
};

}  // namespace quorumcache::transfer
