// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/partition_mover.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

namespace quorumcache::transfer {

PartitionMover::PartitionMover(rpc::EventLoop& loop, NodeCalls& calls, PostToReplica post,
                               const replica::JoinerOptions& options)
    : loop_(loop),
      calls_(calls),
      post_(std::move(post)),
      options_(options),
      joiner_(options),
      dropper_(replica::DropperOptions()) {}

PartitionMover::~PartitionMover() {
  Stop();
}

void PartitionMover::Stop() {
  is_stopped_ = true;
  loop_.Cancel(alarm_);
}

void PartitionMover::OnTasks(const std::vector<replica::JoinTask>& joins,
                             const std::vector<replica::DropTask>& drops) {
  if (is_stopped_) return;
  Do(joiner_.OnTasks(joins, now()));
  Do(dropper_.OnTasks(drops, now()));
  Settle();
}

void PartitionMover::OnTimer() {
  Do(joiner_.OnTimer(now()));
  Do(dropper_.OnTimer(now()));
  Settle();
}

void PartitionMover::Do(const replica::Joiner::Actions& actions) {
  for (const replica::Joiner::Pull& pull : actions.pulls) Pull(pull);
  for (const replica::Joiner::Import& import : actions.imports) Import(import);
}

void PartitionMover::Do(const replica::Dropper::Actions& actions) {
  for (const replica::Dropper::Ask& ask : actions.asks) {
    calls_.PartitionEpochs(ask.node, ask.partitions,
                           [this, id = ask.id](absl::StatusOr<std::vector<uint32_t>> epochs) {
                             if (is_stopped_) return;
                             Do(dropper_.OnEpochs(id, epochs, now()));
                             Settle();
                           });
  }
  for (const uint32_t partition : actions.drops) Drop(partition);
}

void PartitionMover::Pull(const replica::Joiner::Pull& pull) {
  calls_.Pull(pull.source, pull.request, [this, id = pull.id](replica::PullReply reply) {
    if (is_stopped_) return;
    if (reply.status == model::ReplyStatus::kOk) {
      stats_.bytes_received.Add(reply.page.size());
    } else {
      stats_.pages_failed.Increment();
    }
    Do(joiner_.OnPage(id, std::move(reply), now()));
    Settle();
  });
}

void PartitionMover::Import(const replica::Joiner::Import& import) {
  post_([this, id = import.id, request = import.request](replica::Replica& replica) {
    loop_.Post([this, id, result = replica.Import(request)] {
      if (is_stopped_) return;
      Do(joiner_.OnImported(id, result, now()));
      Settle();
    });
  });
}

void PartitionMover::Drop(uint32_t partition) {
  post_([this, partition](replica::Replica& replica) {
    // A newer map may have given it back meanwhile.
    const bool is_held = replica.partitions().IsHeld(partition);
    loop_.Post([this, partition,
                progress = is_held ? replica::DropProgress{.status = absl::AbortedError("held")}
                                   : replica.DropSome(partition)] {
      if (is_stopped_) return;
      stats_.entries_dropped.Add(progress.dropped);
      Do(dropper_.OnDropped(partition, progress, now()));
      Settle();
    });
  });
}

void PartitionMover::Settle() {
  const size_t joins_left = joiner_.joins_left();
  stats_.joins_left.Set(static_cast<int64_t>(joins_left));
  stats_.drops_left.Set(static_cast<int64_t>(dropper_.drops_left()));
  if (joiner_.last_error() != told_error_) {
    told_error_ = joiner_.last_error();
    if (!told_error_.empty()) LOG(WARNING) << "copying a partition: " << told_error_;
  }
  if (joins_left == 0 && told_joins_left_ != 0) LOG(INFO) << "no partition waits to be copied here";
  told_joins_left_ = joins_left;
  loop_.Arm(alarm_, std::min(joiner_.wake_at(), dropper_.wake_at()));
}

}  // namespace quorumcache::transfer
