// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/multi_doors.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/rpc/unary_door.h"
#include "coordinator/service/cache_messages.h"
#include "coordinator/service/call_deadline.h"
#include "coordinator/service/door_limits.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/grpc_errors.h"
#include "coordinator/service/response_sink.h"

namespace quorumcache::service {
namespace {

// What the three requests have in common, by overloads.
int KeyCount(const v1::MultiGetRequest& request) {
  return request.keys_size();
}
int KeyCount(const v1::MultiSetRequest& request) {
  return request.sets_size();
}
int KeyCount(const v1::MultiDeleteRequest& request) {
  return request.keys_size();
}

void TakeKey(v1::MultiGetRequest& message, int index, CacheRequest& request) {
  request.kind = OperationKind::kGet;
  request.namespace_name = message.namespace_();
  request.key = std::move(*message.mutable_keys(index));
  request.consistency = ToConsistency(message.consistency());
}

void TakeKey(v1::MultiSetRequest& message, int index, CacheRequest& request) {
  TakeRequest(*message.mutable_sets(index), request);
}

void TakeKey(v1::MultiDeleteRequest& message, int index, CacheRequest& request) {
  request.kind = OperationKind::kDelete;
  request.namespace_name = message.namespace_();
  request.key = std::move(*message.mutable_keys(index));
  request.consistency = ToConsistency(message.consistency());
  request.durability = ToDurability(message.durability());
}

// False: `error` says which limit was passed.
template <typename Request>
bool CheckBatch(const Request& request, CacheError& error) {
  const size_t keys = static_cast<size_t>(KeyCount(request));
  if (keys > limits::kBatchKeysMax) {
    error = InvalidArgument(
        "BATCH_TOO_LARGE",
        absl::StrCat("the batch has ", keys, " keys; the most is ", limits::kBatchKeysMax));
    return false;
  }
  const size_t size_bytes = request.ByteSizeLong();
  if (size_bytes > limits::kBatchSizeBytesMax) {
    error = InvalidArgument("BATCH_TOO_LARGE",
                            absl::StrCat("the batch is ", size_bytes, " bytes; the most is ",
                                         limits::kBatchSizeBytesMax));
    return false;
  }
  return true;
}

// Of a key whose value would make the whole answer too large.
CacheError AnswerTooLarge() {
  CacheError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "BATCH_TOO_LARGE";
  error.message =
      absl::StrCat("the values of this batch are more than ", limits::kBatchSizeBytesMax,
                   " bytes together; this one was left out: get it in another batch");
  return error;
}

template <typename Request, typename Response>
class MultiDoor final : public Door, private rpc::UnaryDoor<Request, Response>::Handler {
 public:
  using Unary = rpc::UnaryDoor<Request, Response>;
  using Call = typename Unary::Call;

  template <typename Service, typename Method>
  MultiDoor(grpc::ServerCompletionQueue& queue, Service& service, Method method,
            CoreBackend& backend, const GrpcMethodCounters& counters)
      : backend_(backend), counters_(counters), door_(queue, service, method, *this) {}

  void Start() override { door_.Start(kColdCallsWaiting); }
  void Close() override {}

 private:
  // One call's keys on their way; cookie = index. Deletes itself after the last answer.
  class Gathering final : public ResponseSink {
   public:
    Gathering(Call& call, const GrpcMethodCounters& counters, int keys)
        : call_(call), counters_(counters), left_(keys) {
      for (int i = 0; i < keys; ++i) call.response().add_results();
    }
    void OnResponse(uint64_t cookie, CacheResponse&& response) override {
      value_bytes_ += response.value.size();
      if (value_bytes_ > limits::kBatchSizeBytesMax) {
        value_bytes_ -= response.value.size();
        response.error = AnswerTooLarge();
      }
      FillMessage(std::move(response), *call_.response().mutable_results(static_cast<int>(cookie)));
      QC_CHECK(left_ > 0);
      if (--left_ > 0) return;
      counters_.Handled(absl::StatusCode::kOk);
      call_.Finish(grpc::Status::OK);
      delete this;
    }
    Caller CallerOf(uint64_t) override { return {.peer = call_.context().peer()}; }

   private:
    Call& call_;
    GrpcMethodCounters counters_;
    int left_;
    // Of the answer so far; bounded like the request.
    size_t value_bytes_ = 0;
  };

  void OnCall(Call& call) override {
    counters_.Started();
    CacheError error;
    if (!CheckBatch(call.request(), error)) {
      counters_.Handled(error.code);
      return call.Finish(ToGrpcStatus(error));
    }
    const absl::Duration timeout = TimeLeft(call.context());
    const int keys = KeyCount(call.request());
    if (keys == 0) {
      counters_.Handled(absl::StatusCode::kOk);
      return call.Finish(grpc::Status::OK);
    }
    auto* gathering = new Gathering(call, counters_, keys);
    for (int i = 0; i < keys; ++i) {
      // Answers may come within Execute; the last one, which ends the call, only within the last.
      CacheRequest request;
      TakeKey(call.request(), i, request);
      request.timeout = timeout;
      backend_.Execute(std::move(request), *gathering, static_cast<uint64_t>(i));
    }
  }

  CoreBackend& backend_;
  GrpcMethodCounters counters_;
  Unary door_;
};

template <typename Request, typename Response, typename Method>
std::unique_ptr<Door> MakeDoor(grpc::ServerCompletionQueue& queue,
                               v1::CacheService::AsyncService& service, CoreBackend& backend,
                               metrics::Registry& registry, const char* name, Method method) {
  const GrpcMethodCounters counted(registry,
                                   {v1::CacheService::service_full_name(), name, "unary"});
  return std::make_unique<MultiDoor<Request, Response>>(queue, service, method, backend, counted);
}

}  // namespace

std::vector<std::unique_ptr<Door>> MakeMultiDoors(grpc::ServerCompletionQueue& queue,
                                                  v1::CacheService::AsyncService& service,
                                                  CoreBackend& backend,
                                                  metrics::Registry& registry) {
  using Service = v1::CacheService::AsyncService;
  std::vector<std::unique_ptr<Door>> doors;
  doors.push_back(MakeDoor<v1::MultiGetRequest, v1::MultiGetResponse>(
      queue, service, backend, registry, "MultiGet", &Service::RequestMultiGet));
  doors.push_back(MakeDoor<v1::MultiSetRequest, v1::MultiSetResponse>(
      queue, service, backend, registry, "MultiSet", &Service::RequestMultiSet));
  doors.push_back(MakeDoor<v1::MultiDeleteRequest, v1::MultiDeleteResponse>(
      queue, service, backend, registry, "MultiDelete", &Service::RequestMultiDelete));
  return doors;
}

}  // namespace quorumcache::service
