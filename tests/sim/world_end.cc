// SPDX-License-Identifier: Apache-2.0
// World: the last reads, and what the history needs besides what clients saw.
#include "tests/sim/world.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "coordinator/quorum/backoff.h"
#include "coordinator/quorum/slots.h"
#include "tests/history/convergence.h"

namespace quorumcache::sim {
namespace {

constexpr auto kOvertakeMs = static_cast<int64_t>(quorum::kOvertakeMs);
constexpr int64_t kFinalTimeoutUs = 1'000'000;

}  // namespace

// Each coordinator reads the key; what they say is part of the history, so a lost write shows.
// Where all slots are there, the reads take all of them, and so bring them all to one record.
void World::ReadFinally() {
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    PlannedOp read;
    read.at_us = now_us_;
    read.coordinator = static_cast<uint8_t>(i);
    read.timeout_us = kFinalTimeoutUs;
    if (SlotsLeft() == published_.slot_count) read.consistency = model::Consistency::kAll;
    ops_.push_back(read);
    clients_.emplace_back();
    result_.history.emplace_back();
    Issue(static_cast<uint32_t>(ops_.size() - 1));
    RunEvents();
    now_us_ += 1'000;
  }
}

quorum::ReplicaMask World::GoneReplicas() const {
  quorum::ReplicaMask gone = 0;
  for (size_t i = 0; i < published_.replicas.size(); ++i) {
    if (nodes_[published_.replicas[i].node].gone) {
      gone |= quorum::Bit(static_cast<quorum::ReplicaIndex>(i));
    }
  }
  return gone;
}

bool World::AnyGoneMayAnswer() const {
  return std::any_of(published_.replicas.begin(), published_.replicas.end(),
                     [this](const model::Replica& replica) {
                       const NodeState& node = nodes_[replica.node];
                       return node.gone && node.is_copied_anew;
                     });
}

size_t World::SlotsLeft() const {
  return quorum::SlotsOpen(published_, GoneReplicas());
}

// The last reads succeed where a majority is left, and tell the same where they had to ask all that
// is left: a write that nobody was told about may still come to light through a slot that a read
// did not ask.
void World::CheckConvergence() {
  const size_t left = SlotsLeft();
  if (left < published_.Majority()) return;
  const bool asked_all =
      left == published_.slot_count || (left == published_.Majority() && !AnyGoneMayAnswer());
  const std::span<const ClientOp> reads = std::span(result_.history).last(coordinators_.size());
  const auto why = history::CheckConvergence(reads, asked_all);
  if (why && result_.violation.empty()) result_.violation = *why;
}

// An expiry is an operation, too: it takes effect once, at some time at which a clock could say so.
void World::AddExpiries() {
  const size_t client_ops = result_.history.size();
  for (size_t i = 0; i < client_ops; ++i) {
    const ClientOp& op = result_.history[i];
    if (!op.has_ttl || op.outcome == ClientOutcome::kNotApplied) continue;
    const auto due_ms = static_cast<int64_t>(clients_[i].mutation.expire_at_ms) - kWallStartMs;
    ClientOp expiry;
    expiry.process = -1;
    expiry.key = op.key;
    expiry.kind = ClientOpKind::kExpire;
    expiry.expires = static_cast<int32_t>(i);
    expiry.outcome = ClientOutcome::kOk;
    // 2 ms: clocks are read in whole milliseconds; one more for what overtaking ballots count.
    const int64_t early_ms = offset_max_ms_ + restart_lead_ms_ + kOvertakeMs + 3;
    expiry.invoked_ns = (due_ms - early_ms) * 1'000'000;
    expiry.returned_ns = (due_ms - offset_min_ms_ + 2) * 1'000'000;
    int64_t late_ns = expiry.returned_ns;
    // What had begun before the time was over may end by the time that it began with.
    for (size_t j = 0; j < client_ops; ++j) {
      const ClientOp& other = result_.history[j];
      const bool overlaps = other.invoked_ns <= expiry.returned_ns && other.returned_ns != kNever;
      if (overlaps) late_ns = std::max(late_ns, other.returned_ns);
    }
    expiry.returned_ns = late_ns;
    result_.history.push_back(expiry);
  }
}

}  // namespace quorumcache::sim
