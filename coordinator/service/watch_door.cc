// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/watch_door.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/service/change_messages.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/grpc_errors.h"
#include "coordinator/service/stream_call.h"

namespace quorumcache::service {

// One watch: write what is newest, wait for the next, until either side has enough.
class WatchDoor::Session final : private StreamCall {
 public:
  explicit Session(WatchDoor& door) : door_(door) {
    context_.AsyncNotifyWhenDone(on_hung_up_.tag());
    Launch();
    door_.service_.RequestWatchCluster(&context_, &request_, &stream_, &door_.queue_, &door_.queue_,
                                       on_accepted_.tag());
  }

  void End(const grpc::Status& status) {
    if (end_) return;
    end_ = status;
    watch_.reset();
    WriteOrFinish();
  }

 private:
  void OnAccepted(bool ok) {
    if (!ok) {
      // gRPC does not deliver on_hung_up_ for a call that never was.
      MarkOver();
      (void)Land();
      return;
    }
    Launch();  // on_hung_up_
    door_.counters_.Started();
    door_.sessions_.insert(this);
    door_.Accept();
    // The callback comes from another thread and may outlive this call.
    watch_ = door_.admin_.Watch(
        [self = std::weak_ptr<Session*>(self_), &loop = door_.loop_](const ClusterEvent& event) {
          loop.Post([self, event] {
            if (const std::shared_ptr<Session*> session = self.lock()) (*session)->OnEvent(event);
          });
        });
    (void)Land();
  }

  void OnEvent(const ClusterEvent& event) {
    if (end_) return;
    next_ = event;
    WriteOrFinish();
  }

  void WriteOrFinish() {
    if (is_writing_ || is_finishing_) return;
    if (end_) {
      is_finishing_ = true;
      door_.sessions_.erase(this);
      door_.counters_.Handled(static_cast<absl::StatusCode>(end_->error_code()));
      Launch();
      stream_.Finish(*end_, on_finished_.tag());
      return;
    }
    if (!next_) return;
    response_.Clear();
    FillMessage(*next_, response_);
    next_.reset();
    is_writing_ = true;
    Launch();
    stream_.Write(response_, on_written_.tag());
  }

  void OnWritten(bool ok) {
    is_writing_ = false;
    if (!ok) End(grpc::Status::CANCELLED);
    WriteOrFinish();
    (void)Land();
  }

  void OnHungUp(bool) {
    End(grpc::Status::CANCELLED);
    (void)Land();
  }

  void OnFinished(bool) {
    MarkOver();
    (void)Land();
  }

  WatchDoor& door_;
  grpc::ServerContext context_;
  v1::WatchClusterRequest request_;
  v1::WatchClusterResponse response_;
  grpc::ServerAsyncWriter<v1::WatchClusterResponse> stream_{&context_};
  std::unique_ptr<ClusterWatch> watch_;
  std::optional<ClusterEvent> next_;
  std::optional<grpc::Status> end_;
  bool is_writing_ = false;
  bool is_finishing_ = false;
  // Gone with the session.
  const std::shared_ptr<Session*> self_ = std::make_shared<Session*>(this);

  rpc::MemberTag<Session, &Session::OnAccepted> on_accepted_{this};
  rpc::MemberTag<Session, &Session::OnWritten> on_written_{this};
  rpc::MemberTag<Session, &Session::OnHungUp> on_hung_up_{this};
  rpc::MemberTag<Session, &Session::OnFinished> on_finished_{this};
};

WatchDoor::WatchDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                     v1::ClusterService::AsyncService& service, ClusterAdmin& admin,
                     metrics::Registry& registry)
    : loop_(loop),
      queue_(queue),
      service_(service),
      admin_(admin),
      counters_(registry,
                {v1::ClusterService::service_full_name(), "WatchCluster", "server_stream"}) {}

void WatchDoor::Start() {
  Accept();
}

void WatchDoor::Accept() {
  if (closing_) return;
  new Session(*this);  // deletes itself
}

void WatchDoor::Close() {
  closing_ = true;
  const std::vector<Session*> sessions(sessions_.begin(), sessions_.end());
  for (Session* session : sessions) session->End(ToGrpcStatus(ShuttingDownError()));
}

}  // namespace quorumcache::service
