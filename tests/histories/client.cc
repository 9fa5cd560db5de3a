// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/client.h"

#include <utility>

#include "client/request_id.h"
#include "common/base/check.h"
#include "common/model/etag.h"

namespace quorumcache::histories {
namespace {

using history::ClientOp;
using history::ClientOpKind;
using history::ClientOutcome;

// More tries than this do not help: the lineage of a busy key is too short by then.
constexpr int kTriesMax = 6;

model::Ballot BallotOf(const std::string& etag) {
  return model::ParseEtag(etag).value_or(model::Ballot());
}

bool IsSettled(const Answer& answer, bool may_be_applied) {
  switch (answer.outcome) {
    case ClientOutcome::kOk:
    case ClientOutcome::kConditionFailed:
      return true;
    case ClientOutcome::kNotApplied:
      // A later try that was not applied does not undo an earlier one.
      return !may_be_applied;
    case ClientOutcome::kUnknown:
      return false;
  }
  return false;
}

ClientOp Asked(const Ask& ask, int32_t process) {
  ClientOp op;
  op.process = process;
  op.key = ask.key;
  op.kind = ask.kind;
  op.condition = ask.condition;
  op.value = ask.kind == ClientOpKind::kIncrement ? ask.delta : NumberOf(ask.value);
  op.has_ttl = ask.ttl != absl::ZeroDuration();
  op.return_previous = ask.return_previous;
  op.if_version = BallotOf(ask.if_etag);
  return op;
}

void FillTold(const Answer& answer, ClientOp& op) {
  op.outcome = answer.outcome;
  if (answer.outcome != ClientOutcome::kOk) return;
  op.version = BallotOf(answer.etag);
  op.found = answer.found;
  if (op.kind == ClientOpKind::kGet) op.value_read = NumberOf(answer.value);
  if (op.kind == ClientOpKind::kIncrement) op.value_read = answer.number;
  if (!op.return_previous) return;
  op.previous_known = answer.previous_known;
  op.has_previous = answer.has_previous;
  op.value_read = NumberOf(answer.previous);
}

}  // namespace

void ClientTotals::Add(const ClientTotals& other) {
  acknowledged_writes += other.acknowledged_writes;
  reads += other.reads;
  unknown_writes += other.unknown_writes;
  retries += other.retries;
  failed += other.failed;
  for (const auto& [reason, count] : other.errors) errors[reason] += count;
}

Client::Client(uint64_t seed, std::vector<std::unique_ptr<Door>> doors, bool returns_previous,
               Recorder& recorder)
    : random_(seed),
      doors_(std::move(doors)),
      returns_previous_(returns_previous),
      recorder_(recorder),
      process_(recorder.NewProcess()) {
  QC_CHECK(!doors_.empty());
  door_ = random_.Uniform(doors_.size());
}

Answer Client::TryUntilKnown(Ask& ask) {
  bool may_be_applied = false;
  for (int tries = 1;; ++tries) {
    Answer answer = doors_[door_]->Try(ask);
    if (tries > 1) ++totals_.retries;
    if (IsSettled(answer, may_be_applied)) return answer;
    ++totals_.errors[answer.reason];
    door_ = (door_ + 1) % doors_.size();
    may_be_applied |= answer.outcome == ClientOutcome::kUnknown;
    // `first` is when the operation was first heard of: that of the first error.
    if (ask.first.empty()) ask.first = answer.first;
    // A read may be asked of anybody where a coordinator does not answer.
    const bool is_lost_read = ask.kind == ClientOpKind::kGet && answer.reason.empty() &&
                              tries < static_cast<int>(doors_.size());
    const bool can_ask_again =
        is_lost_read || (!ask.request_id.empty() && !ask.first.empty() && tries < kTriesMax);
    if (!can_ask_again) {
      return Answer{.outcome = ClientOutcome::kUnknown,
                    .reason = std::move(answer.reason),
                    .message = std::move(answer.message)};
    }
  }
}

Done Client::Perform(Ask ask) {
  const bool is_read = ask.kind == ClientOpKind::kGet;
  ask.weak = weak_;
  if (!is_read) ask.request_id = client::NewRequestId();
  Done done{.op = Asked(ask, process_)};
  if (ask.condition == history::ClientCondition::kIfVersion) {
    QC_CHECK(!done.op.if_version.IsZero());
  }
  done.op.invoked_ns = MonotonicNs();
  Answer answer = TryUntilKnown(ask);
  const int64_t now_ns = MonotonicNs();
  FillTold(answer, done.op);
  // A read that was told nothing did nothing.
  if (is_read && !done.ok()) done.op.outcome = ClientOutcome::kNotApplied;
  if (done.op.outcome == ClientOutcome::kNotApplied) {
    ++totals_.errors[answer.reason];
    door_ = (door_ + 1) % doors_.size();
  }
  const bool unknown = done.op.outcome == ClientOutcome::kUnknown;
  done.op.returned_ns = unknown ? history::kNever : now_ns;
  if (unknown) process_ = recorder_.NewProcess();
  done.reason = std::move(answer.reason);
  done.message = std::move(answer.message);
  done.etag = std::move(answer.etag);
  done.value = std::move(answer.value);
  Count(done.op);
  return done;
}

void Client::Count(const ClientOp& op) {
  totals_.failed +=
      op.outcome == ClientOutcome::kUnknown || op.outcome == ClientOutcome::kNotApplied;
  if (op.kind == ClientOpKind::kGet) {
    totals_.reads += op.outcome == ClientOutcome::kOk;
  } else {
    totals_.acknowledged_writes += op.outcome == ClientOutcome::kOk;
    totals_.unknown_writes += op.outcome == ClientOutcome::kUnknown;
  }
}

}  // namespace quorumcache::histories
