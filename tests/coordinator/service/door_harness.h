// SPDX-License-Identifier: Apache-2.0
// DoorHarness: the real gRPC doors on a real server and loop, over replicas that live in the test.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/rpc/event_loop.h"
#include "common/rpc/server.h"
#include "common/runtime/real_clock.h"
#include "coordinator/service/core_backend.h"
#include "coordinator/service/grpc_front.h"
#include "tests/coordinator/service/fake_admin.h"
#include "tests/coordinator/service/fake_replicas.h"

namespace quorumcache::service {

class IgnoreMetrics final : public RequestMetrics {
 public:
  void OnAnswered(OperationKind kind, absl::Duration latency,
                  const CacheResponse& response) override {}
};

// Answers what was sent at the end of the loop's iteration.
class PromptReplicas final : public ReplicaTransport {
 public:
  PromptReplicas(FakeReplicas& replicas, rpc::EventLoop& loop) : replicas_(replicas), loop_(loop) {}
  model::ReplyStatus Send(LinkId link, const wire::RequestHeader& header, const quorum::Send& send,
                          const rpc::ReplyContext& context, rpc::ReplyHandler& handler) override {
    const model::ReplyStatus status = replicas_.Send(link, header, send, context, handler);
    if (!std::exchange(posted_, true)) {
      loop_.Post([this] {
        posted_ = false;
        replicas_.DeliverAll();
      });
    }
    return status;
  }
  bool IsUp(LinkId link) const override { return replicas_.IsUp(link); }
  absl::Duration HedgeDelay(LinkId link) const override { return replicas_.HedgeDelay(link); }
  const std::string& NodeIdOf(LinkId link) const override { return replicas_.NodeIdOf(link); }

 private:
  FakeReplicas& replicas_;
  rpc::EventLoop& loop_;
  bool posted_ = false;
};

// Starts in the constructor, stops in the destructor.
class DoorHarness {
 public:
  DoorHarness(std::shared_ptr<const TopologyView> view, ScanClient& scans) {
    rpc::ServerOptions options;
    options.listen_address = "127.0.0.1:0";
    options.services = front_.services();
    server_ = std::move(*rpc::Server::Start(options));
    loop_ = std::make_unique<rpc::EventLoop>(server_->TakeQueue(), clock_);
    services_ = std::make_unique<EventLoopServices>(*loop_);
    transport_ = std::make_unique<PromptReplicas>(replicas_, *loop_);
    backend_ = std::make_unique<CoreBackend>(
        CoreBackend::Parts{*services_, *transport_, scans, metrics_, RequestLimits(), 1});
    backend_->SetTopology(std::move(view));
    front_.Start(*loop_, server_->queue(), *backend_, registry_);
    front_.ServeAdmin(*loop_, server_->queue(), admin_, registry_);
    front_.Open();
    thread_ = std::thread([this] { loop_->Run(); });
  }

  ~DoorHarness() {
    std::promise<void> stopped;
    loop_->Post([this, &stopped] {
      front_.Close();
      backend_->BeginDrain();
      server_->Shutdown(*loop_, absl::ZeroDuration(), [&stopped] { stopped.set_value(); });
    });
    stopped.get_future().wait();
    OnLoop([this] { backend_->ExpireAll(); });
    loop_->Stop();
    thread_.join();
    loop_->Drain();
  }

  // Runs `function` on the loop's thread and waits for it.
  void OnLoop(const std::function<void()>& function) {
    std::promise<void> done;
    loop_->Post([&function, &done] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::shared_ptr<grpc::Channel> NewChannel() const {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                               grpc::InsecureChannelCredentials());
  }
  FakeReplicas& replicas() { return replicas_; }
  CoreBackend& backend() { return *backend_; }
  GrpcFront& front() { return front_; }
  FakeAdmin& admin() { return admin_; }
  metrics::Registry& registry() { return registry_; }

 private:
  runtime::RealClock clock_;
  metrics::Registry registry_;
  IgnoreMetrics metrics_;
  FakeReplicas replicas_{3};
  FakeAdmin admin_;
  GrpcFront front_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::EventLoop> loop_;
  std::unique_ptr<EventLoopServices> services_;
  std::unique_ptr<PromptReplicas> transport_;
  std::unique_ptr<CoreBackend> backend_;
  std::thread thread_;
};

}  // namespace quorumcache::service
