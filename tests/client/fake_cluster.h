// SPDX-License-Identifier: Apache-2.0
// FakeCoordinator: an in-process gRPC server with the public API over a map, that fails on demand.
#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::client {

// A status as a coordinator makes it: with google.rpc.Status details.
grpc::Status RichError(grpc::StatusCode code, const std::string& reason, const std::string& outcome,
                       std::map<std::string, std::string> metadata = {});

// Thread-safe.
class FakeCoordinator final : public v1::CacheService::Service {
 public:
  // Listens on a free port of 127.0.0.1.
  FakeCoordinator();
  ~FakeCoordinator() override;

  const std::string& address() const { return address_; }
  // The next calls fail with these, in order, before they do anything.
  void FailNext(std::vector<grpc::Status> failures);
  // The next pipeline stream ends without an answer after it has received so many operations.
  void BreakPipelineAfter(size_t operations) { break_after_ = operations; }
  // The next Scan stream fails after so many entries.
  void BreakScanAfter(size_t entries) { scan_break_after_ = entries; }
  // Pipelines take requests and never answer.
  void Hang() { hang_ = true; }
  // Stops serving; calls under way are cancelled.
  void Stop();

  size_t calls() const { return calls_; }
  std::string last_first() const;
  std::string last_request_id() const;

  grpc::Status Get(grpc::ServerContext*, const v1::GetRequest*, v1::GetResponse*) override;
  grpc::Status Set(grpc::ServerContext*, const v1::SetRequest*, v1::SetResponse*) override;
  grpc::Status Scan(grpc::ServerContext*, const v1::ScanRequest*,
                    grpc::ServerWriter<v1::ScanResponse>*) override;
  grpc::Status Pipeline(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::PipelineResponse, v1::PipelineRequest>*) override;

 private:
  grpc::Status NextFailure();
  void Apply(const v1::PipelineOperation& operation, v1::PipelineResult& result);

  mutable base::Mutex mutex_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mutex_);
  std::deque<grpc::Status> failures_ ABSL_GUARDED_BY(mutex_);
  std::string last_first_ ABSL_GUARDED_BY(mutex_);
  std::string last_request_id_ ABSL_GUARDED_BY(mutex_);
  std::atomic<size_t> calls_{0};
  std::atomic<size_t> break_after_{0};
  std::atomic<size_t> scan_break_after_{0};
  std::atomic<bool> hang_{false};
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace quorumcache::client
