// SPDX-License-Identifier: Apache-2.0
#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/load_door.h"
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

// Of one operation at a time; its messages are filled once and keep their memory.
struct Slot {
  size_t index = 0;
  bool busy = false;
  bool is_set = false;
  v1::GetRequest get;
  v1::SetRequest set;
  v1::GetResponse get_response;
  v1::SetResponse set_response;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::GetResponse>> get_reader;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SetResponse>> set_reader;
  grpc::Status status;
};

class UnaryDoor final : public LoadDoor {
 public:
  UnaryDoor(const DoorOptions& options, std::shared_ptr<grpc::Channel> channel,
            LoadHandler& handler)
      : options_(options),
        handler_(handler),
        stub_(v1::CacheService::NewStub(std::move(channel))),
        slots_(options.slot_count) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].index = i;
      slots_[i].get.set_namespace_(options.name_space);
      slots_[i].get.set_consistency(options.consistency);
      slots_[i].set.set_namespace_(options.name_space);
      slots_[i].set.set_consistency(options.consistency);
      slots_[i].set.set_durability(options.durability);
      slots_[i].set.set_value(std::string(options.value_size, 'v'));
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
    slot.is_set = operation.is_set;
    slot.context.emplace();
    if (options_.timeout > absl::ZeroDuration()) {
      slot.context->set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
    }
    if (operation.is_set) {
      slot.set.set_key(operation.key);
      slot.set_reader = stub_->AsyncSet(&*slot.context, slot.set, &queue_);
      slot.set_reader->Finish(&slot.set_response, &slot.status, &slot);
    } else {
      slot.get.set_key(operation.key);
      slot.get_reader = stub_->AsyncGet(&*slot.context, slot.get, &queue_);
      slot.get_reader->Finish(&slot.get_response, &slot.status, &slot);
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
  void Finish(Slot& slot) {
    slot.busy = false;
    slot.get_reader.reset();
    slot.set_reader.reset();
    slot.context.reset();
    if (slot.status.ok()) {
      handler_.OnDone(slot.index, {.found = !slot.is_set && slot.get_response.found()});
      return;
    }
    const client::Error error = client::DecodeError(slot.status);
    handler_.OnDone(slot.index, {.code = static_cast<int>(error.code), .reason = error.reason});
  }

  const DoorOptions options_;
  LoadHandler& handler_;
  const std::unique_ptr<v1::CacheService::Stub> stub_;
  grpc::CompletionQueue queue_;
  std::vector<Slot> slots_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LoadDoor>> MakeUnaryDoor(const DoorOptions& options,
                                                        LoadHandler& handler) {
  std::shared_ptr<grpc::Channel> channel =
      client::MakeClientChannel(options.endpoints[0], /*credentials=*/nullptr);
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(5)))) {
    return absl::UnavailableError(absl::StrCat("cannot connect to ", options.endpoints[0]));
  }
  return std::make_unique<UnaryDoor>(options, std::move(channel), handler);
}

}  // namespace quorumcache::cli
