// SPDX-License-Identifier: Apache-2.0
#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <optional>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/load_door.h"
#include "cli/request_id_source.h"
#include "client/decode_error.h"
#include "client/endpoints.h"
#include "common/base/check.h"
#include "quorumcache/v1/cache.grpc.pb.h"

namespace quorumcache::cli {
namespace {

gpr_timespec After(absl::Duration wait) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(absl::ToInt64Nanoseconds(wait), GPR_TIMESPAN));
}

// One method: its messages, filled once, keep their memory.
template <typename Request, typename Response>
struct Call {
  Request request;
  Response response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
};

// Of one operation at a time.
struct Slot {
  size_t index = 0;
  bool busy = false;
  LoadKind kind = LoadKind::kGet;
  v1::CacheService::Stub* stub = nullptr;
  Call<v1::GetRequest, v1::GetResponse> get;
  Call<v1::SetRequest, v1::SetResponse> set;
  Call<v1::IncrementRequest, v1::IncrementResponse> increment;
  Call<v1::CompareAndSetRequest, v1::CompareAndSetResponse> swap;
  std::optional<grpc::ClientContext> context;
  grpc::Status status;
};

template <typename Request>
void FillOnce(const DoorOptions& options, Request& request) {
  request.set_namespace_(options.name_space);
  request.set_consistency(options.consistency);
  if constexpr (!std::is_same_v<Request, v1::GetRequest>) {
    request.set_durability(options.durability);
  }
}

class UnaryDoor final : public LoadDoor {
 public:
  UnaryDoor(const DoorOptions& options, const std::vector<std::shared_ptr<grpc::Channel>>& channels,
            LoadHandler& handler)
      : options_(options), handler_(handler), slots_(options.slot_count) {
    for (const auto& channel : channels) stubs_.push_back(v1::CacheService::NewStub(channel));
    for (size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      slot.index = i;
      slot.stub = stubs_[i % stubs_.size()].get();
      FillOnce(options, slot.get.request);
      FillOnce(options, slot.set.request);
      FillOnce(options, slot.increment.request);
      FillOnce(options, slot.swap.request);
      slot.set.request.set_value(std::string(options.value_size, 'v'));
      slot.swap.request.set_value(std::string(options.value_size, 'v'));
      slot.increment.request.set_delta(1);
    }
  }

  ~UnaryDoor() override {
    for (Slot& slot : slots_) {
      if (slot.busy) slot.context->TryCancel();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  void Start(size_t index, const LoadOperation& operation) override {
    Slot& slot = slots_[index];
    QC_CHECK(!slot.busy);
    slot.busy = true;
    slot.kind = operation.kind;
    slot.context.emplace();
    if (options_.timeout > absl::ZeroDuration()) {
      slot.context->set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
    }
    using Stub = v1::CacheService::Stub;
    switch (operation.kind) {
      case LoadKind::kGet:
        return Send(slot, slot.get, operation, &Stub::AsyncGet);
      case LoadKind::kSet:
        return Send(slot, slot.set, operation, &Stub::AsyncSet);
      case LoadKind::kIncrement:
        slot.increment.request.set_request_id(request_ids_.Next());
        return Send(slot, slot.increment, operation, &Stub::AsyncIncrement);
      case LoadKind::kCompareAndSet:
        slot.swap.request.set_etag(operation.etag);
        return Send(slot, slot.swap, operation, &Stub::AsyncCompareAndSet);
    }
  }

  void Poll(absl::Duration wait) override {
    void* tag = nullptr;
    bool ok = false;
    gpr_timespec until = After(wait);
    while (queue_.AsyncNext(&tag, &ok, until) == grpc::CompletionQueue::GOT_EVENT) {
      Finish(*static_cast<Slot*>(tag));
      until = gpr_time_0(GPR_CLOCK_MONOTONIC);
    }
  }

 private:
  template <typename OneCall, typename Method>
  void Send(Slot& slot, OneCall& call, const LoadOperation& operation, Method method) {
    call.request.set_key(operation.key);
    call.reader = (slot.stub->*method)(&*slot.context, call.request, &queue_);
    call.reader->Finish(&call.response, &slot.status, &slot);
  }

  void Finish(Slot& slot) {
    slot.busy = false;
    slot.get.reader.reset();
    slot.set.reader.reset();
    slot.increment.reader.reset();
    slot.swap.reader.reset();
    slot.context.reset();
    if (slot.status.ok()) {
      LoadResult result;
      result.found = slot.kind == LoadKind::kGet && slot.get.response.found();
      if (slot.kind == LoadKind::kSet) result.etag = slot.set.response.etag();
      if (slot.kind == LoadKind::kCompareAndSet) result.etag = slot.swap.response.etag();
      return handler_.OnDone(slot.index, result);
    }
    const client::Error error = client::DecodeError(slot.status);
    handler_.OnDone(slot.index, {.code = static_cast<int>(error.code),
                                 .reason = error.reason,
                                 .unknown = error.outcome == client::Outcome::kUnknown});
  }

  const DoorOptions options_;
  LoadHandler& handler_;
  std::vector<std::unique_ptr<v1::CacheService::Stub>> stubs_;
  RequestIdSource request_ids_;
  grpc::CompletionQueue queue_;
  std::vector<Slot> slots_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LoadDoor>> MakeUnaryDoor(const DoorOptions& options,
                                                        LoadHandler& handler) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (const std::string& endpoint : options.endpoints) {
    channels.push_back(client::MakeClientChannel(endpoint, /*credentials=*/nullptr));
    if (channels.back()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(5)))) {
      continue;
    }
    return absl::UnavailableError(absl::StrCat("cannot connect to ", endpoint));
  }
  return std::make_unique<UnaryDoor>(options, channels, handler);
}

}  // namespace quorumcache::cli
