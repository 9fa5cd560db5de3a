// SPDX-License-Identifier: Apache-2.0
// ClusterMap: which nodes there are, and which of them hold each partition.
//
// The one document that every process of a cluster agrees on: numbered by epoch, kept in a
// TopologyStore (topology_store.h), changed by compare-and-set only. docs/PROTOCOL.md#topology says
// what its fields mean for requests under way; validate.h checks one map, and one map against the
// next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "common/base/limits.h"
#include "common/model/consistency.h"

namespace quorumcache::topology {

// Index into ClusterMap::nodes. Means something only together with its map: removing a node shifts
// them.
using NodeIndex = uint16_t;
inline constexpr NodeIndex kNoNode = 0xFFFF;

// One storage node.
struct Node {
  // [A-Za-z0-9._-], 1 to 64, unique. Never reused for another machine while a slot names it.
  std::string id;
  // host:port of its gRPC door, unique.
  std::string address;
  // What fails together: rack, building. Equal strings are one zone, "" too.
  std::string zone;
  // Its share of the replicas is in proportion to this. 0: it is being drained and gets nothing.
  uint32_t weight = limits::kNodeWeightDefault;
  // Random number of its data directory; 0 until the node has bound it on first start.
  uint64_t incarnation = 0;

  friend bool operator==(const Node&, const Node&) = default;
};

// One of a partition's N places, in one of three states:
//   settled {X}      holder X.
//   moving  {X, Y}   holder X, joiner Y: the slot answers yes only when both do.
//   vacant  {Y}      X is dead, no holder; joiner Y gets writes, and the slot does not count.
struct Slot {
  NodeIndex holder = kNoNode;
  NodeIndex joiner = kNoNode;

  static Slot Settled(NodeIndex holder) { return {holder, kNoNode}; }
  static Slot Moving(NodeIndex from, NodeIndex to) { return {from, to}; }
  static Slot Vacant(NodeIndex joiner) { return {kNoNode, joiner}; }

  bool IsSettled() const { return holder != kNoNode && joiner == kNoNode; }
  bool IsMoving() const { return holder != kNoNode && joiner != kNoNode; }
  bool IsVacant() const { return holder == kNoNode; }
  bool Names(NodeIndex node) const { return node != kNoNode && (holder == node || joiner == node); }
  // One or two nodes, the holder first.
  absl::InlinedVector<NodeIndex, 2> Nodes() const;

  friend bool operator==(const Slot&, const Slot&) = default;
};

struct PartitionEntry {
  // Map epoch at which this entry last changed. Requests carry it.
  uint32_t epoch = 0;
  // Accepts with a ballot of a lower epoch are dead; at most `epoch`.
  uint32_t ballot_floor_epoch = 0;
  // N of them. A replica keeps its slot for as long as it holds the partition.
  absl::InlinedVector<Slot, 3> slots;

  bool IsSettled() const;
  friend bool operator==(const PartitionEntry&, const PartitionEntry&) = default;
};

struct Namespace {
  // 1 to 64 of [a-z0-9_-], unique.
  std::string name;
  // What a request without a level gets; never kUnspecified.
  model::Consistency default_consistency = model::Consistency::kQuorum;

  friend bool operator==(const Namespace&, const Namespace&) = default;
};

// One replica that is still to be copied, or is being.
struct PlannedMove {
  uint32_t partition = 0;
  uint8_t slot = 0;
  NodeIndex from = kNoNode;
  // May be `from`: a wiped node that comes back as a new incarnation.
  NodeIndex to = kNoNode;
  // The slot becomes vacant, and `to` merges what the other slots have.
  bool from_is_dead = false;
  friend bool operator==(const PlannedMove&, const PlannedMove&) = default;
};

struct NodeWeight {
  NodeIndex node = kNoNode;
  uint32_t weight = 0;
  friend bool operator==(const NodeWeight&, const NodeWeight&) = default;
};

// The change of the cluster that is under way: all that a driver must know, so that any coordinator
// can go on with it.
struct Change {
  // Map epoch at which it was committed.
  uint32_t id = 0;
  // For people: "add n4".
  std::string summary;
  uint32_t moves_total = 0;
  // Those not cut over, by partition and slot. A slot that is moving or vacant belongs to one.
  std::vector<PlannedMove> moves;
  // Nodes that leave the map when no move is left.
  std::vector<NodeIndex> removes;
  std::vector<NodeWeight> weights_on_abort;
  friend bool operator==(const Change&, const Change&) = default;
};

// Value; thread-compatible. Equal maps compare equal field by field, order included.
struct ClusterMap {
  std::string cluster_id;
  // 1 for the first map, then one more with every published change. Below 2^32: ballots carry 32
  // bits.
  uint64_t epoch = 0;
  // N.
  uint32_t replication_factor = 0;
  // In order of joining.
  std::vector<Node> nodes;
  // Index = partition; the count P is a power of two and never changes.
  std::vector<PartitionEntry> partitions;
  std::vector<Namespace> namespaces;
  // One at a time.
  std::optional<Change> change;

  // O(nodes) and O(namespaces).
  std::optional<NodeIndex> FindNode(absl::string_view id) const;
  const Namespace* FindNamespace(absl::string_view name) const;
  // No slot of any partition is moving or vacant.
  bool IsSettled() const;

  friend bool operator==(const ClusterMap&, const ClusterMap&) = default;
};

// Replicas per node, index = node: the slots that name it, as holder or as joiner. O(P * N).
std::vector<uint32_t> ReplicaCounts(const ClusterMap& map);

// Takes the node out of `nodes` and shifts the indexes in all slots.
// Requires: `node` is in the map, and no slot and no move names it.
void RemoveNode(ClusterMap& map, NodeIndex node);

}  // namespace quorumcache::topology
