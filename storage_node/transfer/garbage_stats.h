// SPDX-License-Identifier: Apache-2.0
// GarbageStats: what a node's garbage rounds count, for scrapes from other threads.
#pragma once

#include <array>
#include <cstddef>

#include "common/metrics/series.h"

namespace quorumcache::transfer {

// How a round ended; the names are label values (kRoundEndNames).
enum class RoundEnd : uint8_t {
  kDropped,      // the garbage has gone, everywhere
  kNothing,      // there was none
  kRepaired,     // replicas differed in too much, or could not be made equal yet
  kReplicaDown,  // a replica did not answer
  kRefused,      // a replica said no: another epoch, a full disk, a wrong clock
  kMapChanged,   // the partition's entry changed under it
};
inline constexpr std::array kRoundEndNames = {"dropped",      "nothing", "repaired",
                                              "replica_down", "refused", "map_changed"};

// Why a partition of this node's rounds waits after a pass.
enum class WaitReason : uint8_t { kUnsettled, kReplicaDown, kRefused, kDiffers };
inline constexpr std::array kWaitReasonNames = {"unsettled", "replica_down", "refused", "differs"};

// Written by the loop's thread. Thread-safe.
struct GarbageStats {
  std::array<metrics::Counter, kRoundEndNames.size()> rounds;
  std::array<metrics::Gauge, kWaitReasonNames.size()> waiting;
  metrics::Counter passes;
  metrics::Counter repaired_keys;
  metrics::Counter walked_bytes;
  // Of all partitions the node holds: with something dead for longer than the grace, and by how
  // much the oldest of it is.
  metrics::Gauge overdue_partitions;
  metrics::Gauge oldest_overdue_ms;

  metrics::Counter& RoundsOf(RoundEnd end) { return rounds[static_cast<size_t>(end)]; }
  metrics::Gauge& WaitingOf(WaitReason reason) { return waiting[static_cast<size_t>(reason)]; }
};

}  // namespace quorumcache::transfer
