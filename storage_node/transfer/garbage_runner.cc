// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/garbage_runner.h"

#include <glog/logging.h>

#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/client_call.h"
#include "quorumcache/internal/v1/replica.grpc.pb.h"

namespace quorumcache::transfer {
namespace {

using internal::v1::CollectGarbageResponse;
using internal::v1::ReplicaService;

// A page takes a millisecond, and may wait behind a slow disk; a node that needs longer is as good
// as down for this. A stop waits for it, too.
constexpr absl::Duration kAskTimeout = absl::Seconds(5);
// A node that is down for days is not worth more lines.
constexpr absl::Duration kLogInterval = absl::Seconds(10);

}  // namespace

GarbageRunner::GarbageRunner(rpc::EventLoop& loop, const base::Clock& clock,
                             const GarbageSettings& settings, PostTask post_task,
                             GarbageStats* stats)
    : loop_(loop), clock_(clock), post_task_(std::move(post_task)), keeper_(settings, stats) {}

void GarbageRunner::SetMap(std::shared_ptr<const topology::ClusterMap> map) {
  loop_.Post([this, map = std::move(map)]() mutable {
    if (!is_closed_) Perform(keeper_.OnMap(std::move(map), loop_.now()));
  });
}

void GarbageRunner::Close() {
  is_closed_ = true;
  loop_.Cancel(wake_);
  channels_.clear();
}

void GarbageRunner::OnTimer() {
  Perform(keeper_.OnTimer(loop_.now()));
}

void GarbageRunner::Perform(GarbageOutput output) {
  if (output.wants_view) ReadView();
  for (GarbageAsk& ask : output.asks) {
    if (ask.address.empty()) {
      AskSelf(std::move(ask));
    } else {
      AskPeer(std::move(ask));
    }
  }
  loop_.Arm(wake_, keeper_.wake_at());
}

void GarbageRunner::ReadView() {
  post_task_([this](replica::Replica& replica) {
    GarbageView view;
    view.highest_hlc = replica.highest_hlc();
    for (uint32_t i = 0; i < replica.partitions().size(); ++i) {
      view.earliest_ms.push_back(replica.garbage().EarliestMs(i));
    }
    loop_.Post([this, view = std::move(view)] {
      if (!is_closed_) Perform(keeper_.OnView(view, loop_.now()));
    });
  });
}

void GarbageRunner::AskSelf(GarbageAsk ask) {
  post_task_([this, ask = std::move(ask)](replica::Replica& replica) {
    auto response = std::make_shared<CollectGarbageResponse>();
    const absl::Status status =
        ExecuteStep(ask.request, replica, clock_.Read().wall_ms, response.get());
    loop_.Post([this, id = ask.id, status, response] { OnAnswer(id, status, *response); });
  });
}

void GarbageRunner::AskPeer(GarbageAsk ask) {
  std::shared_ptr<grpc::Channel>& channel = channels_[ask.address];
  if (channel == nullptr) {
    channel = rpc::MakeChannel(ask.address, rpc::StreamChannelArguments());
  }
  const std::unique_ptr<ReplicaService::Stub> stub = ReplicaService::NewStub(channel);
  rpc::StartClientCall<CollectGarbageResponse>(
      loop_, kAskTimeout,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return stub->PrepareAsyncCollectGarbage(context, ask.request, queue);
      },
      [this, id = ask.id, address = ask.address](const absl::Status& status,
                                                 CollectGarbageResponse& response) {
        if (absl::IsUnavailable(status)) channels_.erase(address);
        OnAnswer(id, status, response);
      });
}

void GarbageRunner::OnAnswer(uint64_t id, const absl::Status& status,
                             const CollectGarbageResponse& response) {
  if (is_closed_) return;
  if (!status.ok() && loop_.now().monotonic >= log_at_) {
    LOG(INFO) << "a garbage round was given up: " << status;
    log_at_ = loop_.now().monotonic + kLogInterval;
  }
  Perform(keeper_.OnAnswer(id, status, response, loop_.now()));
}

}  // namespace quorumcache::transfer
