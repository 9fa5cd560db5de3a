// SPDX-License-Identifier: Apache-2.0
// World: runs one Plan. Real operations, real replicas; the network, the clocks and the processes
// are made up, and every event happens in an order that the seed alone decides.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/random.h"
#include "common/model/hlc.h"
#include "coordinator/quorum/operation.h"
#include "coordinator/quorum/register_op.h"
#include "storage_node/replica/garbage_round.h"
#include "tests/history/append_chain.h"
#include "tests/history/history.h"
#include "tests/sim/monitor.h"
#include "tests/sim/node.h"
#include "tests/sim/plan.h"
#include "tests/sim/topology.h"

namespace quorumcache::sim {

// The wall clock at the beginning: anything well above the offsets.
inline constexpr int64_t kWallStartMs = 1'000'000;

struct WorldResult {
  History history;
  // Same seed, same hash: of every event in its order.
  uint64_t state_hash = 0;
  // What Monitor found, or what had not converged; "" for nothing.
  std::string violation;
  uint64_t operations = 0;
  uint64_t messages = 0;
  // Requests, replies and answers that were looked at by the Monitor.
  uint64_t checks = 0;
  // Times that each kind of trouble was made.
  FaultCounts faults{};
  StepCounts steps{};
};

// Thread-compatible. Make one, Run it once.
class World {
 public:
  World(const Plan& plan, const SimOptions& options);
  ~World();
  WorldResult Run();

 private:
  enum class EventKind : uint8_t {
    kIssue,
    kRequest,
    kInbox,
    kReply,
    kTimer,
    kFault,
    kFaultEnd,
    kRetry,
    kStartOver,
    kAsk,
    kAskAnswer,
    kRound,
    kCall,
  };
  struct Event {
    int64_t at_us = 0;
    uint64_t sequence = 0;
    EventKind kind = EventKind::kIssue;
    uint32_t index = 0;
    bool operator>(const Event& other) const {
      return std::pair(at_us, sequence) > std::pair(other.at_us, other.sequence);
    }
  };
  struct Coordinator {
    std::unique_ptr<model::HybridClock> clock;
    uint64_t proposer = 0;
    SimClock wall;
    int64_t paused_until_us = 0;
    // The members of the partition, as far as it has heard.
    model::ReplicaSet set;
    std::optional<quorum::CachedBallot> cached;
  };
  struct NodeState {
    std::unique_ptr<SimNode> node;
    SimClock wall;
    int64_t paused_until_us = 0;
    // Requests that wait for it.
    std::vector<uint32_t> inbox;
    // Will not be a member again: wiped, rolled back, or with a record that it cannot read.
    bool gone = false;
    // ... but may answer all the same: it has been given a whole copy of the partition since.
    bool is_copied_anew = false;
  };
  // One try of a client's operation.
  struct Try {
    std::unique_ptr<quorum::Operation> operation;  // null: finished, or died with its coordinator
    quorum::RegisterOp* reserving = nullptr;
    uint8_t coordinator = 0;
    uint32_t client_op = 0;
    int64_t deadline_us = 0;
    // A read, or a write that needs not know what is there.
    bool is_plain = false;
    bool died = false;  // with its coordinator
    int64_t armed_us = kNever;
  };
  // What is started anew because the map had changed.
  struct SecondStart {
    uint32_t attempt = 0;
    quorum::Mutation mutation;
  };
  // Something asked of a node besides operations: see Ask.
  struct Question {
    uint8_t node = 0;
    std::function<void(SimNode& node, uint64_t wall_ms)> execute;
    std::function<void(bool answered)> done;
    bool answered = false;
  };
  // A garbage round, and the node that runs it.
  struct Round {
    std::unique_ptr<replica::GarbageRound> round;  // null: given up
    uint8_t node = 0;
    std::vector<uint8_t> nodes;  // that it goes over
    uint64_t starts = 0;         // of that node, when the round began
  };
  struct Message {
    uint32_t attempt = 0;  // index into tries_
    quorum::ReplicaIndex replica = 0;
    uint32_t round = 0;
    uint8_t node = 0;
    bool is_copy = false;
    model::ReplicaRequest request;
    model::ReplicaReply reply;
  };
  struct Link {
    bool requests_cut = false;
    bool replies_cut = false;
  };
  // What the client of a planned operation remembers between its tries.
  struct Client {
    uint8_t retries_left = 0;
    quorum::Mutation mutation;
  };

  void Push(int64_t at_us, EventKind kind, uint32_t index);
  void RunEvents();
  void Handle(const Event& event);
  void Hash(uint64_t word);

  void Issue(uint32_t index);
  void StartTry(uint32_t client_op, uint8_t coordinator, quorum::Mutation mutation,
                int64_t deadline_us);
  quorum::Mutation MutationOf(uint32_t index, const PlannedOp& planned, uint8_t coordinator);
  quorum::OperationContext ContextOf(uint8_t coordinator, const PlannedOp& planned,
                                     int64_t deadline_us);
  base::Now NowAt(uint8_t coordinator);
  // What `clock` shows now.
  uint64_t WallMs(const SimClock& clock);

  void Perform(uint32_t attempt, const quorum::Actions& actions);
  void CheckProgress(uint32_t attempt);
  void SendOne(uint32_t attempt, const quorum::Send& send);
  int64_t DrawDelay();
  void Arm(uint32_t attempt);
  bool Arrives(uint32_t index);
  void DeliverRequest(uint32_t index);
  void OpenInbox(uint8_t node);
  void AfterExecution(uint32_t index, uint64_t wall_ms);
  void DeliverReply(uint32_t index);
  void ReplyWith(uint32_t index, model::ReplyStatus status, int64_t delay_us);
  // Whether this time one in so many has its way.
  bool Strikes(uint32_t one_in, FaultKind kind);
  void Count(FaultKind kind) { ++result_.faults[static_cast<size_t>(kind)]; }
  void OnTimer(uint32_t attempt);
  void Trace(const char* what, const Message& message) const;

  // For what is not an operation, a round of garbage collection or a step of a change of members:
  // has `execute` run at a node and then `done`, over the same network and its faults. `done` is
  // called once; with false where the question or its answer was lost, executed or not.
  void Ask(uint8_t node, std::function<void(SimNode& node, uint64_t wall_ms)> execute,
           std::function<void(bool answered)> done);
  void DeliverQuestion(uint32_t index);
  void At(int64_t at_us, std::function<void()> call);

  void StartRound(const PlannedRound& planned);
  model::ReplicaSet SetKnownTo(uint8_t node) const;
  void PerformRound(uint32_t index, const std::vector<replica::GarbageAction>& actions);
  template <typename Page>
  void AskForPage(
      uint32_t index, const replica::GarbageAction& action,
      Page (replica::Replica::*step)(const replica::GarbageQuery&, uint64_t),
      std::vector<replica::GarbageAction> (replica::GarbageRound::*deliver)(size_t, const Page&));
  void AskForKey(uint32_t index, const replica::GarbageAction& action);
  // Null: given up, or with the node that ran it.
  replica::GarbageRound* LiveRound(uint32_t index);

  void Finish(uint32_t attempt);
  bool StartsOver(uint32_t attempt);
  void StartOver(uint32_t index);
  void Record(const quorum::OpResult& result, ClientOp* op);
  void MaybeRetry(uint32_t attempt);

  void BeginFault(const PlannedFault& fault, uint32_t index);
  void EndFault(const PlannedFault& fault);
  void BeginNodeFault(const PlannedFault& fault);
  void BeginCut(const PlannedFault& fault);
  void LoseData(uint8_t node, bool keeps_identity);
  void PublishEpoch();
  // What the map says of a node.
  replica::PartitionAssignment AssignmentOf(size_t node) const;
  void StartNode(size_t node);
  void KillCoordinator(uint8_t coordinator);

  // topology_map.cc
  void MakeTopology();
  void StartTopology();
  model::ReplicaSet SetOf(const topology::ClusterMap& map) const;
  bool StoreIsDown() const;
  absl::Status Publish(uint64_t expected_epoch, const topology::ClusterMap& map);
  int64_t DrawMapDelay();
  bool IsDeaf(uint16_t deaf, uint8_t index) const;
  void SpreadToNode(uint8_t node);
  void SpreadToCoordinator(uint8_t coordinator);
  void Take(const PlannedStep& step);
  void Commit(const PlannedStep& step);
  void RaiseEpochInMap();
  void FinishTopology();
  void CheckChangeIsOver();

  // topology_nodes.cc
  base::MonotonicTime MonotonicNow() const;
  replica::Self SelfOf(size_t node) const;
  void StartNodeTopology(uint8_t node);
  void TellNode(uint8_t node, const topology::ClusterMap& map);
  void NoticeWipe(uint8_t node);
  void TellTasks(uint8_t node, const topology::ClusterMap& map);
  template <typename Action>
  void AtNode(int64_t delay_us, uint8_t node, Action action);
  void Join(uint8_t node, const replica::Joiner::Actions& actions);
  void Drop(uint8_t node, const replica::Dropper::Actions& actions);
  void ArmNode(uint8_t node);
  void StartDriver(uint8_t coordinator);
  void GiveLease(uint8_t coordinator);
  template <typename Action>
  void AtCoordinator(int64_t delay_us, uint8_t coordinator, Action action);
  void Drive(uint8_t coordinator, const rebalance::Driver::Actions& actions);
  void AskJoiner(uint8_t coordinator, const std::string& id);
  void ArmDriver(uint8_t coordinator);
  void Repair(const PlannedStep& step);
  void DeliverRepair(const PlannedStep& step, const model::ReplicaReply& held);
  void TraceMap(const topology::ClusterMap& map) const;
  void TraceTopology(const char* what, uint8_t node, const std::string& message) const;

  void Heal();
  void ReadFinally();
  // Slots whose nodes are still members.
  bool AnyGoneMayAnswer() const;
  size_t SlotsLeft() const;
  quorum::ReplicaMask GoneReplicas() const;
  void CheckConvergence();
  void AddExpiries();

  const Plan& plan_;
  const SimOptions& options_;
  base::Random random_;
  int64_t now_us_ = 0;
  uint64_t sequence_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<NodeState> nodes_;
  std::vector<Coordinator> coordinators_;
  std::vector<std::vector<Link>> links_;  // [coordinator][node]
  // The partition's entry in the cluster map; coordinators and nodes hear of a new one in time.
  model::ReplicaSet published_;
  std::vector<Try> tries_;
  std::vector<SecondStart> second_starts_;
  std::vector<Question> questions_;
  std::vector<Round> rounds_;
  std::vector<std::function<void()>> calls_;
  // Null: the members stay.
  std::unique_ptr<TopologyState> topology_;
  std::vector<Message> messages_;
  std::vector<PlannedOp> ops_;  // the plan's, and the last reads
  std::vector<Client> clients_;
  Monitor monitor_;
  history::AppendChain chain_;
  bool healed_ = false;
  uint64_t next_proposer_ = 1;
  int64_t offset_min_ms_ = 0;  // of all that was ever read from a clock
  int64_t offset_max_ms_ = 0;
  int64_t restart_lead_ms_ = 0;  // by which restarts have put clocks forward
  model::Ballot seen_version_;   // by whichever client read or wrote last
  int64_t seen_value_ = 0;
  WorldResult result_;
};

}  // namespace quorumcache::sim
