// SPDX-License-Identifier: Apache-2.0
#include "common/topology/placement_flow.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "common/base/check.h"

namespace quorumcache::topology {
namespace {

using Vertex = PlacementGraph::Vertex;
using Arc = PlacementGraph::Arc;

// Paths are no longer than the number of nodes (limits::kNodesMax), so distances fit.
using Distance = int16_t;
constexpr Distance kUnreached = std::numeric_limits<Distance>::max();

class Solver {
 public:
  explicit Solver(PlacementGraph& graph)
      : graph_(graph),
        distance_(graph.vertex_count()),
        closed_(graph.vertex_count()),
        next_arc_(graph.first_partition()) {}

  void Run() {
    while (FindDistances()) Augment();
  }

 private:
  // Shortest distances from all vertices with an excess (Bellman, Ford, Moore: taking a replica
  // back that was to move costs -1). False when nothing is left to mend.
  bool FindDistances() {
    std::fill(distance_.begin(), distance_.end(), kUnreached);
    queued_.assign(distance_.size(), false);
    for (Vertex vertex = 0; vertex < distance_.size(); ++vertex) {
      if (graph_.Excess(vertex) > 0) Enqueue(vertex, 0);
    }
    if (queue_.empty()) return false;
    while (!queue_.empty()) {
      const Vertex vertex = queue_.front();
      queue_.pop_front();
      queued_[vertex] = false;
      RelaxArcs(vertex);
    }
    FindSinkDistance();
    return true;
  }

  void Enqueue(Vertex vertex, Distance distance) {
    distance_[vertex] = distance;
    if (queued_[vertex]) return;
    queued_[vertex] = true;
    queue_.push_back(vertex);
  }

  void RelaxArcs(Vertex from) {
    const uint32_t count = graph_.ArcCount(from);
    for (uint32_t i = 0; i < count; ++i) {
      const auto arc = graph_.ArcAt(from, i);
      if (!arc.has_value()) continue;
      const auto distance = static_cast<Distance>(distance_[from] + arc->cost);
      if (distance < distance_[arc->to]) Enqueue(arc->to, distance);
    }
  }

  void FindSinkDistance() {
    sink_distance_ = kUnreached;
    for (Vertex vertex = 0; vertex < distance_.size(); ++vertex) {
      if (distance_[vertex] < sink_distance_ && graph_.Excess(vertex) < 0) {
        sink_distance_ = distance_[vertex];
      }
    }
    // The bounds of FairShares admit a placement, so every excess finds its way.
    QC_CHECK(sink_distance_ != kUnreached);
  }

  // Sends units along shortest paths until this round finds no more. Paths of one round do not
  // change the distances of each other, and what it misses the next round finds.
  void Augment() {
    std::fill(closed_.begin(), closed_.end(), false);
    std::fill(next_arc_.begin(), next_arc_.end(), 0);
    bool advanced = false;
    for (Vertex vertex = 0; vertex < distance_.size(); ++vertex) {
      // A source at a negative distance is better served from another one.
      while (distance_[vertex] == 0 && graph_.Excess(vertex) > 0 && Advance(vertex)) {
        advanced = true;
      }
    }
    QC_CHECK(advanced);
  }

  // Finds a shortest path from `from` to a sink and sends one unit along it. Depth: the path's
  // length.
  bool Advance(Vertex from) {
    if (closed_[from]) return false;
    if (distance_[from] == sink_distance_ && graph_.Excess(from) < 0) return true;
    closed_[from] = true;
    if (!AdvanceOnAnyArc(from)) return false;
    closed_[from] = false;
    return true;
  }

  bool AdvanceOnAnyArc(Vertex from) {
    // Root, zones and nodes have too many arcs to start over each time; the others have a few.
    uint32_t from_start = 0;
    uint32_t& index = from < next_arc_.size() ? next_arc_[from] : from_start;
    for (const uint32_t count = graph_.ArcCount(from); index < count; ++index) {
      const auto arc = graph_.ArcAt(from, index);
      if (!arc.has_value() || distance_[from] + arc->cost != distance_[arc->to]) continue;
      if (!Advance(arc->to)) continue;
      graph_.Push(from, arc->to);
      return true;
    }
    return false;
  }

  PlacementGraph& graph_;
  std::vector<Distance> distance_;
  std::deque<Vertex> queue_;
  std::vector<bool> queued_;
  Distance sink_distance_ = kUnreached;
  // On the path that is being built, or known to lead nowhere in this round.
  std::vector<bool> closed_;
  // Arcs below this one lead nowhere in this round.
  std::vector<uint32_t> next_arc_;
};

}  // namespace

HolderSets SolvePlacement(const ShareRequest& request, const FairShares& shares,
                          const HolderSets& old_holders) {
  PlacementGraph graph(request, shares, old_holders);
  Solver(graph).Run();
  return graph.holders();
}

}  // namespace quorumcache::topology
