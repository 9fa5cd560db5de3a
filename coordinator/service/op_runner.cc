// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/op_runner.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/model/hlc.h"

namespace quorumcache::service {
namespace {

// A straggler's message still gets this long when the operation's own time is nearly up: a
// write-back or a late Accept does no harm, and a replica that lacks it needs repair later.
constexpr uint32_t kTimeoutMsMin = 50;

uint32_t TimeoutMs(base::MonotonicTime deadline, base::MonotonicTime now) {
  const int64_t left_ms = (deadline.nanos() - now.nanos()) / 1'000'000 + 1;
  return static_cast<uint32_t>(
      std::clamp<int64_t>(left_ms, kTimeoutMsMin, limits::kOperationTimeoutMsMax));
}

bool IsAccept(const quorum::Send& send) {
  return std::holds_alternative<quorum::AcceptSend>(send.body);
}

bool IsPrepare(const quorum::Send& send) {
  return std::holds_alternative<model::PrepareRequest>(send.body);
}

bool IsRead(const quorum::Send& send) {
  return std::holds_alternative<model::ReadRequest>(send.body);
}

}  // namespace

OpRunner::OpRunner(LoopServices& loop, ReplicaTransport& transport, model::HybridClock& clock)
    : loop_(loop), transport_(transport), clock_(clock) {}

OpRunner::~OpRunner() {
  QC_CHECK(unanswered_ == 0);
}

void OpRunner::Start(Job job) {
  QC_CHECK(unanswered_ < limits::kOperationsInFlightMax);
  QC_CHECK(job.listener != nullptr && job.operation != nullptr);
  QC_CHECK(job.links.size() == job.operation->replicas().replicas.size());
  Running& running = Acquire();
  running.job = std::move(job);
  ++unanswered_;
  Perform(running, running.job.operation->Start(loop_.now()));
}

void OpRunner::ExpireAll() {
  std::vector<uint64_t> ids;
  for (const std::unique_ptr<Running>& running : pool_) {
    if (running->job.operation != nullptr) ids.push_back(running->id);
  }
  for (const uint64_t id : ids) {
    Running** found = running_.Find(id);
    if (found == nullptr) continue;
    Running& running = **found;
    const base::Now late{running.job.deadline, loop_.now().wall_ms};
    Perform(running, running.job.operation->OnTimer(late));
  }
}

void OpRunner::OnReply(const rpc::ReplyContext& context, model::ReplicaReply reply) {
  // Also of late replies: no later ballot of ours may be below what a replica has seen.
  clock_.Observe(reply.hlc);
  Running** found = running_.Find(context.operation);
  if (found == nullptr) {
    ++counters_.late_replies;
    return;
  }
  Running& running = **found;
  CountFailure(running.job.links[context.replica], reply.status);
  Perform(running, running.job.operation->OnReply(context.replica, context.round, std::move(reply),
                                                  loop_.now()));
}

void OpRunner::OnTimer(Running& running) {
  const quorum::Actions actions = running.job.operation->OnTimer(loop_.now());
  if (!actions.finished) {
    counters_.hedges += std::count_if(actions.sends.begin(), actions.sends.end(), IsRead);
  }
  Perform(running, actions);
}

void OpRunner::Perform(Running& running, const quorum::Actions& actions) {
  Refusals refusals;
  SendAll(running, actions, refusals);
  if (actions.finished) Answer(running);
  // Refusals may lead to more sends, and these to more refusals; each is answered once.
  for (size_t i = 0; i < refusals.size(); ++i) {
    const Refusal refusal = refusals[i];
    model::ReplicaReply reply;
    reply.status = refusal.status;
    const quorum::Actions more = running.job.operation->OnReply(refusal.replica, refusal.round,
                                                                std::move(reply), loop_.now());
    SendAll(running, more, refusals);
    if (more.finished) Answer(running);
  }
  ArmOrRelease(running);
}

void OpRunner::SendAll(Running& running, const quorum::Actions& actions, Refusals& refusals) {
  for (const quorum::Send& send : actions.sends) {
    Count(running, send);
    const model::ReplyStatus status = SendOne(running, send);
    if (status == model::ReplyStatus::kOk) continue;
    ++counters_.refused_sends;
    CountFailure(running.job.links[send.replica], status);
    refusals.push_back(Refusal{send.replica, send.round, status});
  }
}

void OpRunner::Count(Running& running, const quorum::Send& send) {
  ++counters_.sends;
  if (running.job.kind == OperationKind::kGet) {
    if (IsAccept(send) && !std::exchange(running.repaired, true)) ++counters_.repairs;
  } else if (running.job.is_blind) {
    if (IsPrepare(send) && !std::exchange(running.fell_back, true)) {
      ++counters_.fallbacks;
      running.job.listener->OnFellBack(running.job);
    }
  }
}

void OpRunner::CountFailure(LinkId link, model::ReplyStatus status) {
  if (status == model::ReplyStatus::kOk || status == model::ReplyStatus::kRefused) return;
  if (link >= failures_.size()) failures_.resize(link + 1, 0);
  ++failures_[link];
}

model::ReplyStatus OpRunner::SendOne(Running& running, const quorum::Send& send) {
  const Job& job = running.job;
  const model::ReplicaSet& replicas = job.operation->replicas();
  const model::Key& key = job.operation->key();
  wire::RequestHeader header;
  header.partition = replicas.partition;
  header.epoch = replicas.epoch;
  header.ballot_floor_epoch = replicas.ballot_floor_epoch;
  header.joiner = replicas.replicas[send.replica].joiner;
  // Exactly this: the operation judges expiry by it.
  header.hlc = clock_.last();
  header.timeout_ms = TimeoutMs(job.deadline, loop_.now().monotonic);
  header.namespace_name = key.namespace_name;
  header.key = key.bytes;
  const rpc::ReplyContext context{running.id, send.round, send.replica};
  return transport_.Send(job.links[send.replica], header, send, context, *this);
}

void OpRunner::Answer(Running& running) {
  QC_CHECK(unanswered_ > 0);
  --unanswered_;
  running.job.listener->OnFinished(running.job);
}

void OpRunner::ArmOrRelease(Running& running) {
  if (running.job.operation->settled()) return Release(running);
  loop_.Arm(running, running.job.operation->wake_at());
}

OpRunner::Running& OpRunner::Acquire() {
  if (idle_.empty()) {
    pool_.push_back(std::make_unique<Running>(this));
    idle_.push_back(pool_.back().get());
  }
  Running* running = idle_.back();
  idle_.pop_back();
  running->id = running_.Add(running);
  running->repaired = running->fell_back = false;
  return *running;
}

void OpRunner::Release(Running& running) {
  Running* taken = nullptr;
  const bool found = running_.Take(running.id, &taken);
  QC_CHECK(found && taken == &running);
  loop_.Cancel(running);
  running.job.operation.reset();
  idle_.push_back(&running);
}

}  // namespace quorumcache::service
