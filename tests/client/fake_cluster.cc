// SPDX-License-Identifier: Apache-2.0
#include "tests/client/fake_cluster.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/rpc/grpc_status.h"

namespace quorumcache::client {

grpc::Status RichError(grpc::StatusCode code, const std::string& reason, const std::string& outcome,
                       std::map<std::string, std::string> metadata) {
  rpc::ErrorDetails details;
  details.reason = reason;
  details.metadata = std::move(metadata);
  details.metadata["outcome"] = outcome;
  return rpc::MakeGrpcError(static_cast<absl::StatusCode>(code), "told to fail", details);
}

FakeCoordinator::FakeCoordinator() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  QC_CHECK(server_ != nullptr);
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeCoordinator::~FakeCoordinator() {
  Stop();
}

void FakeCoordinator::Stop() {
  // A deadline in the past: calls under way are cancelled at once.
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
}

void FakeCoordinator::FailNext(std::vector<grpc::Status> failures) {
  base::MutexLock lock(mutex_);
  failures_.assign(failures.begin(), failures.end());
}

std::string FakeCoordinator::last_first() const {
  base::MutexLock lock(mutex_);
  return last_first_;
}

std::string FakeCoordinator::last_request_id() const {
  base::MutexLock lock(mutex_);
  return last_request_id_;
}

grpc::Status FakeCoordinator::NextFailure() {
  ++calls_;
  base::MutexLock lock(mutex_);
  if (failures_.empty()) return grpc::Status::OK;
  grpc::Status failure = std::move(failures_.front());
  failures_.pop_front();
  return failure;
}

grpc::Status FakeCoordinator::Get(grpc::ServerContext*, const v1::GetRequest* request,
                                  v1::GetResponse* response) {
  if (const grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  base::MutexLock lock(mutex_);
  const auto found = values_.find(request->key());
  response->set_found(found != values_.end());
  if (found != values_.end()) response->set_value(found->second);
  return grpc::Status::OK;
}

grpc::Status FakeCoordinator::Set(grpc::ServerContext*, const v1::SetRequest* request,
                                  v1::SetResponse* response) {
  const grpc::Status failure = NextFailure();
  base::MutexLock lock(mutex_);
  last_first_ = request->first();
  last_request_id_ = request->request_id();
  if (!failure.ok()) return failure;
  values_[request->key()] = request->value();
  response->set_etag("1.1.1");
  return grpc::Status::OK;
}

grpc::Status FakeCoordinator::Scan(grpc::ServerContext*, const v1::ScanRequest* request,
                                   grpc::ServerWriter<v1::ScanResponse>* writer) {
  if (const grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  const size_t break_after = scan_break_after_.exchange(0);
  base::MutexLock lock(mutex_);
  size_t sent = 0;
  for (auto it = values_.upper_bound(request->page_token()); it != values_.end(); ++it) {
    if (break_after > 0 && sent == break_after) return {grpc::StatusCode::UNAVAILABLE, "broken"};
    v1::ScanResponse response;
    response.add_entries()->set_key(it->first);
    if (std::next(it) != values_.end()) response.set_next_page_token(it->first);
    writer->Write(response);
    ++sent;
  }
  return grpc::Status::OK;
}

void FakeCoordinator::Apply(const v1::PipelineOperation& operation, v1::PipelineResult& result) {
  result.set_id(operation.id());
  if (operation.has_get()) {
    Get(nullptr, &operation.get(), result.mutable_get());
  } else {
    Set(nullptr, &operation.set(), result.mutable_set());
  }
}

grpc::Status FakeCoordinator::Pipeline(
    grpc::ServerContext*,
    grpc::ServerReaderWriter<v1::PipelineResponse, v1::PipelineRequest>* stream) {
  if (const grpc::Status failure = NextFailure(); !failure.ok()) return failure;
  const size_t break_after = break_after_.exchange(0);
  size_t received = 0;
  v1::PipelineRequest request;
  while (stream->Read(&request)) {
    v1::PipelineResponse response;
    for (const v1::PipelineOperation& operation : request.operations()) {
      if (break_after > 0 && ++received > break_after) {
        stream->Write(response);
        return {grpc::StatusCode::UNAVAILABLE, "broken"};
      }
      if (!hang_) Apply(operation, *response.add_results());
    }
    if (!hang_) stream->Write(response);
  }
  return grpc::Status::OK;
}

}  // namespace quorumcache::client
