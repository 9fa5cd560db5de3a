// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/scan_door.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <algorithm>
#include <utility>

#include "common/rpc/event_loop.h"
#include "coordinator/service/cache_messages.h"
#include "coordinator/service/call_deadline.h"
#include "coordinator/service/door_limits.h"
#include "coordinator/service/grpc_errors.h"
#include "coordinator/service/stream_call.h"

namespace quorumcache::service {
namespace {

// Keys in one message.
constexpr uint32_t kPageSize = 500;

}  // namespace

// One scan: page, write, page, write, ..., finish.
class ScanDoor::Session final : private StreamCall {
 public:
  explicit Session(ScanDoor& door) : door_(door) {
    Launch();
    door_.service_.RequestScan(&context_, &message_, &stream_, &door_.queue_, &door_.queue_,
                               on_accepted_.tag());
  }
  ~Session() override { door_.sessions_.erase(this); }

 private:
  void OnAccepted(bool ok) {
    if (!ok) {
      MarkOver();
      (void)Land();
      return;
    }
    door_.counters_.Started();
    door_.Accept();
    limited_ = message_.limit() > 0;
    left_ = message_.limit();
    TakeRequest(message_, request_);
    NextPage();
    (void)Land();
  }

  void NextPage() {
    ScanRequest page = request_;
    page.page_size =
        limited_ ? static_cast<uint32_t>(std::min<uint64_t>(left_, kPageSize)) : kPageSize;
    page.timeout = TimeLeft(context_);
    Launch();
    door_.backend_.ScanOnLoop(std::move(page),
                              [this](ScanPage found) { OnPage(std::move(found)); });
  }

  void OnPage(ScanPage page) {
    if (!page.error.ok()) {
      Finish(ToGrpcStatus(page.error));
    } else {
      left_ -= std::min<uint64_t>(left_, page.entries.size());
      request_.page_token = page.next_page_token;
      last_ = page.next_page_token.empty() || (limited_ && left_ == 0);
      // A page without entries is not worth a message, but for the last one.
      if (page.entries.empty() && !last_) {
        NextPage();
      } else {
        Write(std::move(page));
      }
    }
    (void)Land();
  }

  void Write(ScanPage page) {
    if (door_.loop_.drained()) return;
    response_.Clear();
    FillMessage(std::move(page), response_);
    Launch();
    stream_.Write(response_, on_written_.tag());
  }

  void OnWritten(bool ok) {
    if (!ok || last_ || door_.loop_.drained()) {
      Finish(grpc::Status::OK);
    } else {
      NextPage();
    }
    (void)Land();
  }

  void Finish(const grpc::Status& status) {
    // The session is the door's to delete.
    if (door_.loop_.drained()) return;
    door_.counters_.Handled(static_cast<absl::StatusCode>(status.error_code()));
    Launch();
    stream_.Finish(status, on_finished_.tag());
  }

  void OnFinished(bool ok) {
    MarkOver();
    (void)Land();
  }

  ScanDoor& door_;
  grpc::ServerContext context_;
  v1::ScanRequest message_;
  grpc::ServerAsyncWriter<v1::ScanResponse> stream_{&context_};
  ScanRequest request_;
  v1::ScanResponse response_;
  bool limited_ = false;
  uint64_t left_ = 0;
  bool last_ = false;

  rpc::MemberTag<Session, &Session::OnAccepted> on_accepted_{this};
  rpc::MemberTag<Session, &Session::OnWritten> on_written_{this};
  rpc::MemberTag<Session, &Session::OnFinished> on_finished_{this};
};

ScanDoor::ScanDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                   v1::CacheService::AsyncService& service, CoreBackend& backend,
                   metrics::Registry& registry)
    : loop_(loop),
      queue_(queue),
      service_(service),
      backend_(backend),
      counters_(registry, {v1::CacheService::service_full_name(), "Scan", "server_stream"}) {}

ScanDoor::~ScanDoor() {
  // Sessions whose last event the loop did not live to see. Each erases itself.
  while (!sessions_.empty()) delete *sessions_.begin();
}

void ScanDoor::Start() {
  Accept();
}

void ScanDoor::Accept() {
  if (!loop_.drained()) sessions_.insert(new Session(*this));
}

}  // namespace quorumcache::service
