// SPDX-License-Identifier: Apache-2.0
// Driver: takes the change that the map holds to its end, one compare-and-set at a time.
//
// All it knows is in the map and in what the joiners say, so it may die anywhere and another one
// goes on; and as every step is a compare-and-set on the map's epoch, two at once are harmless. The
// lease only saves them the trouble. Protocol: docs/PROTOCOL.md#moving.
//
// Pure: no threads, clock, gRPC or logging; time arrives as an argument, intent leaves as Actions.
//
//   per move: not begun -> {X, Y} or vacant {Y} published -> Y says that its copy is whole -> {Y}
//   published, the move is struck from the change. No move left: nodes leave, the change is struck.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/time.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::rebalance {

// A planted bug, for the tests that prove the simulator finds it.
enum class DriverMutant : uint8_t {
  kNone,
  kCutOverUnasked,    // the joiner stands alone before its copy is whole
  kCutOverOnAnyJoin,  // ... because an earlier join of it was whole
};

struct DriverOptions {
  // Partitions that move at once; those of dead nodes come on top, for nothing is lost by them.
  uint32_t moving_max = 32;
  // Between questions to one joiner.
  absl::Duration poll = absl::Milliseconds(100);
  // Every publish is read, and written down, by every process.
  absl::Duration publish_gap_min = absl::Milliseconds(200);
  // So long after a publish the next one waits for more copies to become whole, while some are not:
  // one map for many partitions instead of many maps.
  absl::Duration gather_max = absl::Seconds(1);
  // After the store has failed; doubles.
  absl::Duration backoff_min = absl::Milliseconds(200);
  absl::Duration backoff_max = absl::Seconds(5);
  DriverMutant mutant = DriverMutant::kNone;
};

// How one join of a node stands (storage_node/replica/transfer.h, JoinState).
struct JoinProgress {
  uint32_t partition = 0;
  uint32_t join_id = 0;
  bool complete = false;
  uint64_t keys = 0;
  uint64_t size_bytes = 0;
};

// What a joiner answers.
struct JoinReport {
  uint64_t incarnation = 0;
  std::vector<JoinProgress> joins;
};

// For people; the same on every coordinator but for bytes, keys and last_error, which only the one
// that drives knows.
struct Progress {
  bool active = false;
  uint32_t change_id = 0;
  std::string summary;
  uint32_t moves_total = 0;
  uint32_t moves_done = 0;
  // Under way.
  uint32_t moving = 0;
  // Merged by the joins under way.
  uint64_t keys = 0;
  uint64_t size_bytes = 0;
  // Joiners that have not bound their data directory: nothing moves to them until they are started.
  std::vector<std::string> waiting_for;
  std::string last_error;
};

// Thread-compatible.
class Driver {
 public:
  struct Publish {
    uint64_t expected_epoch = 0;
    topology::ClusterMap map;
  };
  // Each gets exactly one answer: OnPublished, OnJoins.
  struct Actions {
    std::optional<Publish> publish;
    // Node ids to be asked how their joins stand.
    std::vector<std::string> asks;
  };

  explicit Driver(const DriverOptions& options) : options_(options) {}

  // Every map that is seen, also without the lease; older ones are ignored.
  [[nodiscard]] Actions OnMap(const topology::ClusterMap& map, base::MonotonicTime now);
  // Whether this coordinator is to drive.
  [[nodiscard]] Actions OnLease(bool held, base::MonotonicTime now);
  // TopologyStore::CompareAndSet's answer.
  [[nodiscard]] Actions OnPublished(const absl::Status& status, base::MonotonicTime now);
  [[nodiscard]] Actions OnJoins(const std::string& node_id,
                                const absl::StatusOr<JoinReport>& report, base::MonotonicTime now);
  // Call when wake_at() has passed; too early is harmless.
  [[nodiscard]] Actions OnTimer(base::MonotonicTime now);
  base::MonotonicTime wake_at() const;

  Progress progress() const;
  // From the next step on.
  void set_moving_max(uint32_t moving_max) { options_.moving_max = moving_max; }

 private:
  bool Drives() const { return has_lease_ && map_.has_value() && map_->change.has_value(); }
  bool IsUnderWay(const topology::PlannedMove& move) const;
  bool IsWhole(const topology::PlannedMove& move) const;
  // Nothing that is under way is still being copied.
  bool AllAreWhole() const;
  Actions Step(base::MonotonicTime now);
  // The next map, if there is anything to publish.
  std::optional<topology::ClusterMap> NextMap() const;
  void CutOver(topology::ClusterMap* next, std::set<uint32_t>* touched) const;
  void Begin(topology::ClusterMap* next, std::set<uint32_t>* touched) const;
  void AskJoiners(base::MonotonicTime now, Actions* actions);

  DriverOptions options_;
  std::optional<topology::ClusterMap> map_;
  bool has_lease_ = false;
  // What is being published.
  std::optional<topology::ClusterMap> publishing_;
  base::MonotonicTime next_publish_;
  base::MonotonicTime gather_until_;
  absl::Duration backoff_ = absl::ZeroDuration();
  // Joiners asked, and not heard from yet.
  std::set<std::string> asked_;
  base::MonotonicTime next_ask_;
  // What joiners have said of the joins under way, by partition.
  std::map<uint32_t, JoinProgress> joins_;
  std::string last_error_;
};

}  // namespace quorumcache::rebalance
