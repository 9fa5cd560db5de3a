// SPDX-License-Identifier: Apache-2.0
// CoreBackend: the CacheBackend of the coordinator: rules, routing, quorum operations, answers.
//
// Doors on the loop's thread call Execute, which allocates nothing of its own; doors on other
// threads come in through CacheBackend, whose calls are posted to the loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/model/hlc.h"
#include "coordinator/service/cache_backend.h"
#include "coordinator/service/cluster_health.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/op_runner.h"
#include "coordinator/service/operation_maker.h"
#include "coordinator/service/request_metrics.h"
#include "coordinator/service/request_rules.h"
#include "coordinator/service/response_sink.h"
#include "coordinator/service/scan_client.h"
#include "coordinator/service/scan_walk.h"
#include "coordinator/service/slow_log.h"
#include "coordinator/service/start_over.h"
#include "coordinator/service/topology_view.h"
#include "coordinator/service/write_lanes.h"

namespace quorumcache::service {

// The methods of CacheBackend are thread-safe; all else belongs to the loop's thread.
class CoreBackend final : public CacheBackend,
                          private OpRunner::Listener,
                          private WriteLanes::Listener {
 public:
  // What a backend works with; all outlive it.
  struct Parts {
    LoopServices& loop;
    ReplicaTransport& transport;
    ScanClient& scan_client;
    RequestMetrics& metrics;
    RequestLimits limits;
    // Random; proposer of every ballot until the process ends.
    uint64_t seed = 0;
    SlowLogOptions slow_log = {};
  };

  explicit CoreBackend(const Parts& parts);
  // Requires: idle().
  ~CoreBackend() override;

  // Operations that start from now on use this map.
  void SetTopology(std::shared_ptr<const TopologyView> view);
  // Looks at the nodes again: call it from time to time, and when one comes or goes.
  void RefreshHealth();
  // As of the last refresh. Thread-safe.
  ClusterHealth Health() const;

  // Whether the topology store can be read; for people only. Thread-safe.
  void SetStore(const absl::Status& status);

  // Answers `request` through `sink`, exactly once, possibly at once. `sink` outlives the answer.
  void Execute(CacheRequest&& request, ResponseSink& sink, uint64_t cookie);
  void ScanOnLoop(ScanRequest request, std::function<void(ScanPage)> done);
  void LocateOnLoop(std::string namespace_name, std::string key,
                    std::function<void(KeyLocation)> done);
  ClusterView Describe() const;

  // Ready() says no from now on; all still works. Thread-safe.
  void AnnounceShutdown() { announced_.store(true, std::memory_order_relaxed); }
  // Refuses new requests (SHUTTING_DOWN); those under way go on, scans end soon.
  void BeginDrain();
  // No request has come since BeginDrain, or for this long.
  bool QuietFor(absl::Duration time) const { return loop_.now().monotonic - heard_at_ >= time; }
  // Nothing is under way.
  bool idle() const;
  // Answers all operations under way now: their time is up.
  void ExpireAll();
  size_t in_flight() const { return runner_.unanswered(); }
  const OpRunner::Counters& counters() const { return runner_.counters(); }
  uint64_t FailuresOf(LinkId link) const { return runner_.FailuresOf(link); }
  uint64_t slow_operations() const { return slow_log_.total(); }
  SlowLogView ReadSlowLogOnLoop(const SlowLogRequest& request) { return slow_log_.Read(request); }

  // CacheBackend:
  void Submit(CacheRequest request, std::function<void(CacheResponse)> done) override;
  void Scan(ScanRequest request, std::function<void(ScanPage)> done) override;
  void Locate(std::string namespace_name, std::string key,
              std::function<void(KeyLocation)> done) override;
  void DescribeCluster(std::function<void(ClusterView)> done) override;
  void ReadSlowLog(SlowLogRequest request, std::function<void(SlowLogView)> done) override;
  bool Ready(std::vector<std::string>* details) override;

 private:
  // Starts what `request` asks for, or lets it wait for its turn; false: `error` says why not, and
  // `write.job` is as it was.
  bool Admit(CacheRequest&& request, WriteLanes::Write& write, CacheError& error);
  bool AdmitWrite(WriteLanes::Write& write, CacheError& error);
  bool CanTakeMore(CacheError& error);
  bool ResolveConsistency(const model::Key& key, model::Consistency& consistency,
                          CacheError& error) const;
  void StartRead(WriteLanes::Write&& read);
  void StartWrite(WriteLanes::Write&& write);
  void OnFinished(OpRunner::Job& job) override;
  void OnFellBack(const OpRunner::Job& job) override { lanes_.OnContention(job); }
  void OnTurn(WriteLanes::Write&& write) override { StartWrite(std::move(write)); }
  void OnTimeUp(WriteLanes::Write& write) override;
  void Answer(OpRunner::Job& job, const model::Key& key, CacheResponse&& response);
  void KeepSlow(SlowOperation&& operation);
  std::function<void(ScanPage)> Watched(const ScanRequest& request,
                                        std::function<void(ScanPage)> done);
  // A job whose map was too old, on the present one.
  void Restart(StartOver::Waiting&& waiting);

  LoopServices& loop_;
  ReplicaTransport& transport_;
  RequestMetrics& metrics_;
  const RequestLimits limits_;
  model::HybridClock clock_;
  base::Random random_;
  OperationMaker maker_;
  OpRunner runner_;
  WriteLanes lanes_;
  StartOver start_over_;
  SlowLog slow_log_;
  size_t active_scans_ = 0;
  const ScanWalk::Tools scan_tools_;
  std::shared_ptr<const TopologyView> view_;
  bool settled_ = false;
  bool draining_ = false;
  // When draining: of its beginning, or of the last request that was refused.
  base::MonotonicTime heard_at_;
  std::atomic<bool> announced_{false};

  mutable base::Mutex mutex_;
  ClusterHealth health_ ABSL_GUARDED_BY(mutex_);
  absl::Status store_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::service
