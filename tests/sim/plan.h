// SPDX-License-Identifier: Apache-2.0
// Plan: everything that one simulated history is made of, drawn from its seed before it runs.
//
// A plan is a value, so that a failing history can be made smaller by leaving things out of its
// plan.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/model/consistency.h"
#include "coordinator/quorum/mutant.h"
#include "coordinator/rebalance/driver.h"
#include "storage_node/replica/test_mutations.h"
#include "tests/history/history.h"

namespace quorumcache::sim {

using history::ClientCondition;
using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;
using history::History;
using history::kNever;

// What a history aims at. Rare bugs want a generator that goes for them: of plain random histories
// only one in hundreds of thousands shows some of docs/PROTOCOL.md#mutations.
enum class Aim : uint8_t {
  kAny,
  kMixed,
  kBlindDuel,
  kConditional,
  kTimeToLive,
  kReaders,
  kRetries,
  kCollision,   // a few writes at once, nearly equal clocks, slow messages: what attestations are
                // about
  kDoubles,     // a few counters, messages that come twice, answers that are lost
  kRestarts,    // times to live, clocks apart, and nodes that start anew between
  kMove,        // a collision while a slot moves
  kAppend,      // an append register: changes that say what they replaced
  kLoss,        // a node loses what it has while another is away that had missed it
  kForgetting,  // deletes, expiries and garbage rounds, and messages older than their grace
  kTopology,    // the partition moves; a part of all others do that, too
  // One moment of a move each (topology_aims.cc).
  kMoveForgetting,  // a value that has been forgotten must not come back with the copy, or after it
  kMoveExpiry,      // what readers were told of an expiry, and promises, go with the copy
  kReturn,          // a slot goes back to a node that has not heard that it had lost it
};

// What the whole run is about, the same for all its histories.
struct SimOptions {
  quorum::Mutant mutant = quorum::Mutant::kNone;
  replica::TestMutations replica_mutations;
  // A wiped node comes back under its old identity: mutations of the simulator's own
  // shell, as the next.
  bool wiped_node_keeps_identity = false;
  // So does one that has lost power, and with it what was not fsynced.
  bool rolled_back_node_keeps_identity = false;
  // An operation that is told of a newer map starts over without its request id and `first`.
  bool starts_over_afresh = false;
  // A garbage round asks a majority only.
  bool garbage_of_majority = false;
  // It drops without comparing again behind the floors.
  bool garbage_without_confirm = false;
  // Rounds go over partitions of which a slot is moving or vacant, without the joiner.
  bool garbage_while_moving = false;
  // A joiner that takes a dead node's place has enough when one of the others has told it all.
  bool one_source_for_a_dead_node = false;
  // A node that has left drops what it has without asking who knows.
  bool drops_unasked = false;
  rebalance::DriverMutant driver_mutant = rebalance::DriverMutant::kNone;
  Aim aim = Aim::kAny;
  // Prints every message as it is sent and answered.
  bool trace = false;
};

struct PlannedOp {
  int64_t at_us = 0;
  uint8_t coordinator = 0;
  ClientOpKind kind = ClientOpKind::kGet;
  ClientCondition condition = ClientCondition::kNone;
  model::Consistency consistency = model::Consistency::kQuorum;
  int64_t ttl_ms = 0;  // 0: none
  bool keep_ttl = false;
  bool return_previous = false;
  bool has_request_id = false;
  uint8_t retries = 0;  // after an answer that says unknown; with the request id
  int64_t timeout_us = 0;
};

// What can go wrong. Those up to kJumpCoordinatorClock are planned, one by one; the rest happen to
// messages, at the rates of NetworkPlan. Names: FaultName.
enum class FaultKind : uint8_t {
  kKillNode,         // kill -9 and a restart after duration_us
  kPauseNode,        // SIGSTOP: requests wait, and are executed after duration_us
  kPowerFailNode,    // loses unsynced writes, the last of them torn; is back after duration_us as a
                     // new incarnation: one that may have been rolled back is not served
  kWipeNode,         // comes back after duration_us with an empty disk, as a new incarnation
  kDiskFull,         // for duration_us
  kFailFsync,        // the next fsync fails, and the replica answers nothing until it is restarted
  kCorruptRecord,    // a bit flips on the disk, and the node restarts: it reads what is there
  kKillCoordinator,  // and starts a new one at once: its operations are never answered
  kPauseCoordinator,  // SIGSTOP: replies and timers wait
  kCutRequests,       // coordinator -> node, for duration_us
  kCutReplies,        // node -> coordinator
  kCutBoth,
  kIsolateNode,    // requests from all coordinators, or its replies to them
  kNewEpoch,       // a new entry of the map with the same members; who hears of it when is chance
  kJumpNodeClock,  // by amount_ms
  kJumpCoordinatorClock,

  kLoseRequest,
  kLoseReply,
  kDoubleRequest,
  kSlowMessage,
};
inline constexpr size_t kFaultKinds = static_cast<size_t>(FaultKind::kSlowMessage) + 1;
using FaultCounts = std::array<uint64_t, kFaultKinds>;

const char* FaultName(FaultKind kind);

struct PlannedFault {
  int64_t at_us = 0;
  FaultKind kind = FaultKind::kKillNode;
  uint8_t node = 0;
  uint8_t coordinator = 0;
  int64_t duration_us = 0;
  int64_t amount_ms = 0;
};

// A garbage round over all nodes.
struct PlannedRound {
  int64_t at_us = 0;
  // Which runs it.
  uint8_t node = 0;
  int64_t grace_ms = 0;
};

// What happens to the members of the partition. Names: StepName.
enum class StepKind : uint8_t {
  kMove,       // `slot` is to move to `node`, and perhaps the next slot to `other`
  kReplace,    // the holder of `slot` is said to be dead; it may not be
  kAbort,      // of the change under way
  kStoreDown,  // the store of the map, for duration_us
  kRepair,     // what `node` holds is delivered to `other`, late
  kLease,      // `coordinator` is to drive; who did before may not hear of it
};
inline constexpr size_t kStepKinds = static_cast<size_t>(StepKind::kLease) + 1;
using StepCounts = std::array<uint64_t, kStepKinds>;

const char* StepName(StepKind kind);

struct PlannedStep {
  int64_t at_us = 0;
  StepKind kind = StepKind::kMove;
  uint8_t slot = 0;
  uint8_t node = 0;
  uint8_t other = 0;
  uint8_t coordinator = 0;
  int64_t duration_us = 0;
};

// One in so many messages; 0: never.
struct NetworkPlan {
  uint32_t lose_request_one_in = 0;
  uint32_t lose_reply_one_in = 0;
  uint32_t double_one_in = 0;
  uint32_t slow_one_in = 0;
  int64_t delay_min_us = 50;
  int64_t delay_max_us = 400;
  int64_t slow_max_us = 20'000;
};

// How a clock is wrong.
struct SimClock {
  int64_t offset_ms = 0;
  // Milliseconds gained per second: far more than a real clock, for a history is over in 50 ms.
  int64_t drift_permille = 0;
};

struct Plan {
  uint64_t seed = 0;
  // slot of each node; vacant_slot -1: none.
  std::vector<uint8_t> slot_of_node;
  int8_t vacant_slot = -1;
  std::vector<SimClock> node_clocks;
  std::vector<SimClock> coordinator_clocks;
  NetworkPlan network;
  bool reserve_ballots = false;
  // The key is contended: blind writes go as changes (docs/PROTOCOL.md#contention).
  bool sets_are_changes = false;
  bool fsync = false;               // durability of all its writes
  bool batches = false;             // nodes take what has come while they were busy in one go
  int64_t hedge_delay_us = 0;       // 0: never
  bool is_append_register = false;  // of all its operations; see Aim::kAppend
  std::vector<PlannedOp> ops;
  std::vector<PlannedFault> faults;
  std::vector<PlannedRound> rounds;
  // Nodes without a slot; none: the members stay, and there are no steps.
  uint8_t spare_nodes = 0;
  std::vector<PlannedStep> steps;
  // Bit i: node, or coordinator, i hears of maps only when all is over; one that restarts has the
  // map that it had. Fences have to reach them in another way.
  uint16_t deaf_nodes = 0;
  uint16_t deaf_coordinators = 0;
  // Nodes that hear of maps some milliseconds late.
  uint16_t late_nodes = 0;
};

// topology_aims.cc
bool IsAimedAtMoves(Aim aim);
void AimAtMoves(base::Random* random, Aim aim, Plan* plan);

// topology_plan.cc
void DrawTopologySteps(base::Random* random, int64_t span_us, Plan* plan);

// `aim`: kAny lets the seed choose.
Plan MakePlan(uint64_t seed, Aim aim = Aim::kAny);

std::string Describe(const Plan& plan);

}  // namespace quorumcache::sim
