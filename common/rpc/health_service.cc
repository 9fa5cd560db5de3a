// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/health_service.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/rpc/unary_door.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace quorumcache::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using CheckDoor = UnaryDoor<HealthCheckRequest, HealthCheckResponse>;

constexpr int kWaitingChecks = 4;

}  // namespace

class HealthService::Impl final : private CheckDoor::Handler {
 public:
  Health::AsyncService& service() { return service_; }

  void Start(grpc::ServerCompletionQueue& queue) {
    queue_ = &queue;
    check_.emplace(queue, service_, &Health::AsyncService::RequestCheck,
                   static_cast<CheckDoor::Handler&>(*this));
    check_->Start(kWaitingChecks);
    Accept();
  }
  void Set(const std::string& name, bool serving) {
    if (closed_) return;
    serving_[name] = serving;
    Tell();
  }
  void Close() {
    closed_ = true;
    for (auto& [name, serving] : serving_) serving = false;
    Tell();
    if (check_.has_value()) check_->Close();
  }

 private:
  class Watch;
  friend class Watch;

  void OnCall(CheckDoor::Call& call) override {
    const auto found = serving_.find(call.request().service());
    if (found == serving_.end()) {
      call.Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service"));
      return;
    }
    call.response().set_status(StatusOf(call.request().service()));
    call.Finish(grpc::Status::OK);
  }

  HealthCheckResponse::ServingStatus StatusOf(const std::string& name) const {
    const auto found = serving_.find(name);
    if (found == serving_.end()) return HealthCheckResponse::SERVICE_UNKNOWN;
    return found->second ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }

  void Accept();
  void Tell();

  Health::AsyncService service_;
  grpc::ServerCompletionQueue* queue_ = nullptr;
  std::optional<CheckDoor> check_;
  std::map<std::string, bool> serving_;
  std::set<Watch*> watches_;
  bool closed_ = false;
};

// One Watch call; belongs to itself. Writes the present status whenever it differs from the last
// one written.
class HealthService::Impl::Watch {
 public:
  explicit Watch(Impl& impl) : impl_(impl), writer_(&context_) {
    // Tells when the client has gone: a watch without changes would never notice.
    context_.AsyncNotifyWhenDone(on_done_.tag());
    impl_.service_.RequestWatch(&context_, &request_, &writer_, impl_.queue_, impl_.queue_,
                                on_accept_.tag());
  }

  void Update() {
    if (writing_ || finishing_) return;
    const HealthCheckResponse::ServingStatus status = impl_.StatusOf(request_.service());
    if (gone_ || (impl_.closed_ && told_ == status)) {
      finishing_ = true;
      ++events_under_way_;
      writer_.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"),
                     on_finish_.tag());
      return;
    }
    if (told_ == status) return;
    told_ = status;
    HealthCheckResponse response;
    response.set_status(status);
    writing_ = true;
    ++events_under_way_;
    writer_.Write(response, on_write_.tag());
  }

 private:
  void OnAccept(bool ok) {
    if (!ok) {
      // Never started, so AsyncNotifyWhenDone's event never comes.
      delete this;
      return;
    }
    ++events_under_way_;  // on_done_
    impl_.watches_.insert(this);
    impl_.Accept();
    Update();
    Landed();
  }
  void OnWrite(bool ok) {
    writing_ = false;
    gone_ = gone_ || !ok;
    Update();
    Landed();
  }
  void OnDone(bool ok) {
    gone_ = true;
    Update();
    Landed();
  }
  void OnFinish(bool ok) { Landed(); }
  void Landed() {
    if (--events_under_way_ > 0) return;
    impl_.watches_.erase(this);
    delete this;
  }

  Impl& impl_;
  grpc::ServerContext context_;
  HealthCheckRequest request_;
  grpc::ServerAsyncWriter<HealthCheckResponse> writer_;
  std::optional<HealthCheckResponse::ServingStatus> told_;
  int events_under_way_ = 1;  // the accept
  bool writing_ = false;
  bool finishing_ = false;
  bool gone_ = false;

  MemberTag<Watch, &Watch::OnAccept> on_accept_{this};
  MemberTag<Watch, &Watch::OnWrite> on_write_{this};
  MemberTag<Watch, &Watch::OnDone> on_done_{this};
  MemberTag<Watch, &Watch::OnFinish> on_finish_{this};
};

void HealthService::Impl::Accept() {
  if (!closed_) new Watch(*this);  // deletes itself
}

void HealthService::Impl::Tell() {
  for (Watch* watch : watches_) watch->Update();
}

HealthService::HealthService() : impl_(std::make_unique<Impl>()) {}
HealthService::~HealthService() = default;

grpc::Service* HealthService::service() {
  return &impl_->service();
}
void HealthService::Start(grpc::ServerCompletionQueue& queue) {
  impl_->Start(queue);
}
void HealthService::Set(const std::string& name, bool serving) {
  impl_->Set(name, serving);
}
void HealthService::Close() {
  impl_->Close();
}

}  // namespace quorumcache::rpc
