// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/core_backend.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/hash/token.h"
#include "coordinator/quorum/register_op.h"
#include "coordinator/service/cluster_view.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/locator.h"
#include "coordinator/service/responses.h"
#include "coordinator/service/slow_operation.h"

namespace quorumcache::service {
namespace {

// The answer of one posted request on its way to a std::function; deletes itself.
class FunctionSink final : public ResponseSink {
 public:
  FunctionSink(std::function<void(CacheResponse)> done, std::shared_ptr<const Caller> caller)
      : done_(std::move(done)), caller_(std::move(caller)) {}
  void OnResponse(uint64_t cookie, CacheResponse&& response) override {
    done_(std::move(response));
    delete this;
  }
  Caller CallerOf(uint64_t) override { return caller_ == nullptr ? Caller() : *caller_; }

 private:
  std::function<void(CacheResponse)> done_;
  const std::shared_ptr<const Caller> caller_;
};

CacheResponse Refusal(CacheError&& error) {
  CacheResponse refused;
  refused.error = std::move(error);
  return refused;
}

// 0 is nobody's.
uint64_t DrawProposer(base::Random& random) {
  return random.Next() | 1;
}

}  // namespace

CoreBackend::CoreBackend(const Parts& parts)
    : loop_(parts.loop),
      transport_(parts.transport),
      metrics_(parts.metrics),
      limits_(parts.limits),
      random_(parts.seed),
      maker_(transport_, clock_, random_, DrawProposer(random_)),
      runner_(loop_, transport_, clock_),
      lanes_(loop_, *this),
      start_over_(loop_, [this](StartOver::Waiting&& waiting) { Restart(std::move(waiting)); }),
      slow_log_(parts.slow_log),
      scan_tools_{&loop_, &parts.scan_client, &transport_, &active_scans_, &draining_} {}

CoreBackend::~CoreBackend() {
  QC_CHECK(idle());
}

void CoreBackend::SetTopology(std::shared_ptr<const TopologyView> view) {
  view_ = std::move(view);
  RefreshHealth();
  start_over_.RestartAll();
}

void CoreBackend::RefreshHealth() {
  ClusterHealth health = AssessCluster(view_.get(), transport_);
  // Once for all: a node that joins later makes nobody wait.
  settled_ = settled_ || health.settled;
  health.settled = settled_;
  const base::MutexLock lock(mutex_);
  health_ = std::move(health);
}

ClusterHealth CoreBackend::Health() const {
  const base::MutexLock lock(mutex_);
  return health_;
}

void CoreBackend::Execute(CacheRequest&& request, ResponseSink& sink, uint64_t cookie) {
  WriteLanes::Write write;
  OpRunner::Job& job = write.job;
  job.listener = this;
  job.sink = &sink;
  job.cookie = cookie;
  job.kind = request.kind;
  job.return_previous = request.return_previous;
  job.started_at = loop_.now().monotonic;
  CacheError error;
  // Refused at once: never slow, whatever has become of the key.
  if (!Admit(std::move(request), write, error)) Answer(job, write.key, Refusal(std::move(error)));
}

bool CoreBackend::Admit(CacheRequest&& request, WriteLanes::Write& write, CacheError& error) {
  if (!CanTakeMore(error)) return false;
  // The time that expiry is judged by, so that a TTL is not shortened by a clock that has run
  // ahead.
  const uint64_t now_ms = std::max(loop_.now().wall_ms, model::HlcMillis(clock_.last()));
  CheckedRequest checked;
  if (!CheckRequest(std::move(request), limits_, now_ms, checked, error)) return false;
  OpRunner::Job& job = write.job;
  job.consistency = checked.consistency;
  if (!ResolveConsistency(checked.key, job.consistency, error)) return false;
  job.deadline = job.started_at + checked.timeout;
  write.key = std::move(checked.key);
  if (job.kind == OperationKind::kGet) {
    StartRead(std::move(write));
    return true;
  }
  write.mutation = std::move(checked.mutation);
  return AdmitWrite(write, error);
}

bool CoreBackend::AdmitWrite(WriteLanes::Write& write, CacheError& error) {
  // A blind write at ONE asks for no majority, and must not wait for those that do.
  const bool weak = write.mutation.IsBlind() && write.job.consistency == model::Consistency::kOne;
  const uint64_t token = hash::TokenOf(write.key.namespace_name, write.key.bytes);
  write.job.lane.token = token;
  const WriteLanes::Verdict verdict = weak ? WriteLanes::Verdict::kGo : lanes_.Enter(token, write);
  if (verdict == WriteLanes::Verdict::kGo) StartWrite(std::move(write));
  if (verdict != WriteLanes::Verdict::kFull) return true;
  error = OverloadedError(absl::StrCat(limits::kKeyQueueMax,
                                       " writes of this key wait at this coordinator already. "
                                       "Nothing was changed; try again with backoff"));
  return false;
}

void CoreBackend::StartRead(WriteLanes::Write&& read) {
  maker_.MakeRead(*view_, std::move(read.key), runner_.counters().hedges, read.job);
  runner_.Start(std::move(read.job));
}

void CoreBackend::StartWrite(WriteLanes::Write&& write) {
  OpRunner::Job& job = write.job;
  maker_.MakeMutation(*view_, std::move(write.key), std::move(write.mutation),
                      lanes_.HasFollowers(job), job);
  runner_.Start(std::move(job));
}

void CoreBackend::OnTimeUp(WriteLanes::Write& write) {
  Answer(write.job, write.key, Refusal(DeadlineBeforeSendError()));
}

void CoreBackend::BeginDrain() {
  if (draining_) return;
  draining_ = true;
  heard_at_ = loop_.now().monotonic;
}

bool CoreBackend::CanTakeMore(CacheError& error) {
  if (draining_) {
    heard_at_ = loop_.now().monotonic;
    error = ShuttingDownError();
    return false;
  }
  if (runner_.unanswered() + start_over_.size() + lanes_.waiting() >=
      limits::kOperationsInFlightMax) {
    error = OverloadedError(absl::StrCat("this coordinator has ", limits::kOperationsInFlightMax,
                                         " operations under way, the most it takes. Nothing was "
                                         "changed; try again with backoff"));
    return false;
  }
  if (view_ == nullptr) {
    error = NoTopologyError();
    return false;
  }
  return true;
}

bool CoreBackend::ResolveConsistency(const model::Key& key, model::Consistency& consistency,
                                     CacheError& error) const {
  const model::Consistency fallback = view_->DefaultConsistency(key.namespace_name);
  if (fallback == model::Consistency::kUnspecified) {
    error = NamespaceNotFoundError(key.namespace_name);
    return false;
  }
  if (consistency == model::Consistency::kUnspecified) consistency = fallback;
  return true;
}

void CoreBackend::OnFinished(OpRunner::Job& job) {
  quorum::OpResult& result = job.operation->result();
  if (result.error == quorum::OpError::kStaleTopology && start_over_.MayWait(job)) {
    const model::ReplicaSet& asked = job.operation->replicas();
    // The newer map has come while the operation was under way: there is nothing to wait for.
    const bool is_news = view_->replicas(asked.partition).epoch > asked.epoch;
    return start_over_.Add(job, is_news);
  }
  if (job.reserving != nullptr && job.reserving->contended()) lanes_.OnContention(job);
  maker_.KeepBallot(job);
  Answer(job, job.operation->key(), ToResponse(job.kind, job.return_previous, std::move(result)));
  lanes_.Leave(job);
}

void CoreBackend::Answer(OpRunner::Job& job, const model::Key& key, CacheResponse&& response) {
  const absl::Duration took = loop_.now().monotonic - job.started_at;
  metrics_.OnAnswered(job.kind, took, response);
  if (slow_log_.IsSlow(took)) KeepSlow(DescribeSlow(job, key, response, loop_.now(), transport_));
  job.sink->OnResponse(job.cookie, std::move(response));
}

void CoreBackend::KeepSlow(SlowOperation&& operation) {
  const std::optional<std::string> line =
      slow_log_.Add(std::move(operation), loop_.now().monotonic);
  if (line) LOG(WARNING) << *line;
}

void CoreBackend::Restart(StartOver::Waiting&& waiting) {
  if (waiting.job.kind == OperationKind::kGet) return StartRead(std::move(waiting));
  StartWrite(std::move(waiting));
}

void CoreBackend::ScanOnLoop(ScanRequest request, std::function<void(ScanPage)> done) {
  if (draining_) {
    ScanPage refused;
    refused.error = ShuttingDownError();
    return done(std::move(refused));
  }
  if (slow_log_.enabled()) done = Watched(request, std::move(done));
  ScanWalk::Start(scan_tools_, view_, std::move(request), std::move(done));
}

std::function<void(ScanPage)> CoreBackend::Watched(const ScanRequest& request,
                                                   std::function<void(ScanPage)> done) {
  model::Key key{request.namespace_name, request.prefix};
  if (key.namespace_name.empty()) key.namespace_name = model::kDefaultNamespace;
  return [this, key = std::move(key), started_at = loop_.now().monotonic,
          done = std::move(done)](ScanPage page) {
    const base::Now& now = loop_.now();
    if (slow_log_.IsSlow(now.monotonic - started_at)) {
      KeepSlow(DescribeSlowScan(key, page, started_at, now));
    }
    done(std::move(page));
  };
}

void CoreBackend::LocateOnLoop(std::string namespace_name, std::string key,
                               std::function<void(KeyLocation)> done) {
  KeyLocation refused;
  if (!CanTakeMore(refused.error)) return done(std::move(refused));
  const base::MonotonicTime deadline = loop_.now().monotonic + limits_.timeout_default;
  Locator::Start(runner_, maker_, view_, std::move(namespace_name), std::move(key), deadline,
                 std::move(done));
}

ClusterView CoreBackend::Describe() const {
  return view_ == nullptr ? ClusterView() : DescribeView(*view_, transport_);
}

bool CoreBackend::idle() const {
  return runner_.unanswered() == 0 && start_over_.size() == 0 && lanes_.waiting() == 0 &&
         active_scans_ == 0;
}

void CoreBackend::ExpireAll() {
  lanes_.ExpireAll();
  // What waits for a newer map becomes operations again, which then end.
  start_over_.RestartAll();
  runner_.ExpireAll();
}

void CoreBackend::Submit(CacheRequest request, std::function<void(CacheResponse)> done) {
  loop_.Post([this, request = std::move(request), done = std::move(done)]() mutable {
    auto* sink = new FunctionSink(std::move(done), std::move(request.caller));
    Execute(std::move(request), *sink, 0);
  });
}

void CoreBackend::Scan(ScanRequest request, std::function<void(ScanPage)> done) {
  loop_.Post([this, request = std::move(request), done = std::move(done)]() mutable {
    ScanOnLoop(std::move(request), std::move(done));
  });
}

void CoreBackend::Locate(std::string namespace_name, std::string key,
                         std::function<void(KeyLocation)> done) {
  loop_.Post([this, namespace_name = std::move(namespace_name), key = std::move(key),
              done = std::move(done)]() mutable {
    LocateOnLoop(std::move(namespace_name), std::move(key), std::move(done));
  });
}

void CoreBackend::DescribeCluster(std::function<void(ClusterView)> done) {
  loop_.Post([this, done = std::move(done)] { done(Describe()); });
}

void CoreBackend::ReadSlowLog(SlowLogRequest request, std::function<void(SlowLogView)> done) {
  loop_.Post([this, request, done = std::move(done)] { done(ReadSlowLogOnLoop(request)); });
}

void CoreBackend::SetStore(const absl::Status& status) {
  const base::MutexLock lock(mutex_);
  store_ = status;
}

bool CoreBackend::Ready(std::vector<std::string>* details) {
  const ClusterHealth health = Health();
  *details = DescribeHealth(health);
  const bool announced = announced_.load(std::memory_order_relaxed);
  if (announced) details->push_back("this coordinator is stopping");
  const base::MutexLock lock(mutex_);
  if (!store_.ok()) {
    details->push_back(
        absl::StrCat("topology store: going on with the last map: ", store_.message()));
  }
  return health.ready() && !announced;
}

}  // namespace quorumcache::service
