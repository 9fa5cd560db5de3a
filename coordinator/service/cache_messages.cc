// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cache_messages.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "common/base/check.h"

namespace quorumcache::service {
namespace {

// Far outside every limit and inside int64: absurd times stay absurd instead of overflowing.
constexpr int64_t kSecondsClamp = std::numeric_limits<int64_t>::max() / 4000;

// Rounded up, so that a positive time stays positive.
int64_t ToMillis(int64_t seconds, int32_t nanos) {
  const int64_t clamped = std::clamp(seconds, -kSecondsClamp, kSecondsClamp);
  const int64_t up = nanos > 0 ? 999'999 : 0;
  return clamped * 1000 + (nanos + up) / 1'000'000;
}

template <typename Message>
Expiration TakeExpiration(const Message& message) {
  switch (message.expiration_case()) {
    case Message::kTtl:
      return {Expiration::Kind::kTtl, ToMillis(message.ttl().seconds(), message.ttl().nanos())};
    case Message::kExpireTime:
      return {Expiration::Kind::kAt,
              ToMillis(message.expire_time().seconds(), message.expire_time().nanos())};
    default:
      return {};
  }
}

template <typename Message>
void TakeName(Message& message, CacheRequest& request) {
  request.namespace_name = std::move(*message.mutable_namespace_());
  request.key = std::move(*message.mutable_key());
  request.consistency = ToConsistency(message.consistency());
}

template <typename Message>
void TakeWriteOptions(Message& message, CacheRequest& request) {
  TakeName(message, request);
  request.durability = ToDurability(message.durability());
  request.request_id = std::move(*message.mutable_request_id());
  request.first = std::move(*message.mutable_first());
}

template <typename Message>
void FillQuorum(const CacheResponse& response, Message& message) {
  message.mutable_quorum()->set_required(response.required);
  message.mutable_quorum()->set_responded(response.responded);
}

template <typename Message>
void FillWritten(CacheResponse& response, Message& message) {
  message.set_etag(std::move(response.etag));
  if (response.expire_at_ms != 0) {
    FillTimestamp(response.expire_at_ms, *message.mutable_expire_time());
  }
  FillQuorum(response, message);
}

void FillPrevious(PreviousValue&& previous, v1::PreviousValue& message) {
  message.set_found(previous.found);
  message.set_value(std::move(previous.value));
  message.set_etag(std::move(previous.etag));
}

template <typename Result>
void FillResult(CacheResponse&& response, Result& message) {
  if (!response.error.ok()) return FillMessage(response.error, *message.mutable_error());
  FillMessage(std::move(response), *message.mutable_ok());
}

// Proto enums are open: any int32 may come.
uint8_t ToByte(int number) {
  constexpr int kNone = std::numeric_limits<uint8_t>::max();
  return static_cast<uint8_t>(number < 0 ? kNone : std::min(number, kNone));
}

}  // namespace

model::Consistency ToConsistency(int number) {
  return static_cast<model::Consistency>(ToByte(number));
}

model::Durability ToDurability(int number) {
  return static_cast<model::Durability>(ToByte(number));
}

void TakeRequest(v1::GetRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kGet;
  TakeName(message, request);
}

void TakeRequest(v1::SetRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kSet;
  TakeWriteOptions(message, request);
  request.value = std::move(*message.mutable_value());
  request.content_type = std::move(*message.mutable_content_type());
  request.expiration = TakeExpiration(message);
  request.keep_ttl = message.keep_ttl();
  request.return_previous = message.return_previous();
  if (message.if_absent()) request.condition = ConditionKind::kIfAbsent;
  if (message.if_present()) request.condition = ConditionKind::kIfPresent;
  if (message.has_if_etag()) {
    request.condition = ConditionKind::kIfEtag;
    request.etag = std::move(*message.mutable_if_etag());
  }
}

void TakeRequest(v1::DeleteRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kDelete;
  TakeWriteOptions(message, request);
  request.return_previous = message.return_previous();
  if (message.if_present()) request.condition = ConditionKind::kIfPresent;
  if (message.has_if_etag()) {
    request.condition = ConditionKind::kIfEtag;
    request.etag = std::move(*message.mutable_if_etag());
  }
}

void TakeRequest(v1::TouchRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kTouch;
  TakeWriteOptions(message, request);
  request.expiration = TakeExpiration(message);
}

void TakeRequest(v1::IncrementRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kIncrement;
  TakeWriteOptions(message, request);
  request.expiration = TakeExpiration(message);
  request.keep_ttl = message.keep_ttl();
  request.delta = message.delta();
  request.initial = message.initial();
}

void TakeRequest(v1::CompareAndSetRequest& message, CacheRequest& request) {
  request.kind = OperationKind::kCompareAndSet;
  TakeWriteOptions(message, request);
  request.value = std::move(*message.mutable_value());
  request.content_type = std::move(*message.mutable_content_type());
  request.expiration = TakeExpiration(message);
  request.keep_ttl = message.keep_ttl();
  request.etag = std::move(*message.mutable_etag());
}

void TakeRequest(v1::ScanRequest& message, ScanRequest& request) {
  request.namespace_name = std::move(*message.mutable_namespace_());
  request.prefix = std::move(*message.mutable_prefix());
  request.page_token = std::move(*message.mutable_page_token());
  request.include_values = message.include_values();
}

bool TakeRequest(v1::PipelineOperation& message, CacheRequest& request) {
  if (message.has_timeout()) {
    // At least 1 ms of its own sign: zero means "the server's default" in a CacheRequest.
    const int64_t millis = ToMillis(message.timeout().seconds(), message.timeout().nanos());
    request.timeout = absl::Milliseconds(millis == 0 ? -1 : millis);
  }
  switch (message.operation_case()) {
    case v1::PipelineOperation::kGet:
      TakeRequest(*message.mutable_get(), request);
      return true;
    case v1::PipelineOperation::kSet:
      TakeRequest(*message.mutable_set(), request);
      return true;
    case v1::PipelineOperation::kDelete:
      TakeRequest(*message.mutable_delete_(), request);
      return true;
    case v1::PipelineOperation::kTouch:
      TakeRequest(*message.mutable_touch(), request);
      return true;
    case v1::PipelineOperation::kIncrement:
      TakeRequest(*message.mutable_increment(), request);
      return true;
    case v1::PipelineOperation::kCompareAndSet:
      TakeRequest(*message.mutable_compare_and_set(), request);
      return true;
    case v1::PipelineOperation::OPERATION_NOT_SET:
      break;
  }
  return false;
}

void FillMessage(CacheResponse&& response, v1::GetResponse& message) {
  message.set_found(response.found);
  if (response.found) {
    message.set_value(std::move(response.value));
    message.set_content_type(std::move(response.content_type));
    message.set_etag(std::move(response.etag));
    if (response.expire_at_ms != 0) {
      FillTimestamp(response.expire_at_ms, *message.mutable_expire_time());
    }
  }
  FillQuorum(response, message);
}

void FillMessage(CacheResponse&& response, v1::SetResponse& message) {
  FillWritten(response, message);
  if (response.previous) {
    FillPrevious(std::move(*response.previous), *message.mutable_previous());
  }
}

void FillMessage(CacheResponse&& response, v1::DeleteResponse& message) {
  FillQuorum(response, message);
  if (response.previous) {
    FillPrevious(std::move(*response.previous), *message.mutable_previous());
  }
}

void FillMessage(CacheResponse&& response, v1::TouchResponse& message) {
  message.set_found(response.found);
  if (response.found) return FillWritten(response, message);
  FillQuorum(response, message);
}

void FillMessage(CacheResponse&& response, v1::IncrementResponse& message) {
  message.set_value(response.number);
  FillWritten(response, message);
}

void FillMessage(CacheResponse&& response, v1::CompareAndSetResponse& message) {
  FillWritten(response, message);
}

void FillMessage(ScanPage&& page, v1::ScanResponse& message) {
  for (ScanEntry& entry : page.entries) {
    v1::ScanEntry& added = *message.add_entries();
    added.set_key(std::move(entry.key));
    added.set_value(std::move(entry.value));
    added.set_content_type(std::move(entry.content_type));
    added.set_etag(std::move(entry.etag));
    if (entry.expire_at_ms != 0) FillTimestamp(entry.expire_at_ms, *added.mutable_expire_time());
  }
  message.set_next_page_token(std::move(page.next_page_token));
}

void FillMessage(CacheResponse&& response, v1::MultiGetResult& message) {
  FillResult(std::move(response), message);
}

void FillMessage(CacheResponse&& response, v1::MultiSetResult& message) {
  FillResult(std::move(response), message);
}

void FillMessage(CacheResponse&& response, v1::MultiDeleteResult& message) {
  FillResult(std::move(response), message);
}

void FillMessage(CacheResponse&& response, OperationKind kind, v1::PipelineResult& message) {
  if (!response.error.ok()) return FillMessage(response.error, *message.mutable_error());
  switch (kind) {
    case OperationKind::kGet:
      return FillMessage(std::move(response), *message.mutable_get());
    case OperationKind::kSet:
      return FillMessage(std::move(response), *message.mutable_set());
    case OperationKind::kDelete:
      return FillMessage(std::move(response), *message.mutable_delete_());
    case OperationKind::kTouch:
      return FillMessage(std::move(response), *message.mutable_touch());
    case OperationKind::kIncrement:
      return FillMessage(std::move(response), *message.mutable_increment());
    case OperationKind::kCompareAndSet:
      return FillMessage(std::move(response), *message.mutable_compare_and_set());
  }
  QC_CHECK(false);
}

void FillMessage(const CacheError& error, v1::OperationError& message) {
  message.set_code(static_cast<int>(error.code));
  message.set_message(error.message);
  message.set_reason(error.reason);
  message.set_outcome(error.outcome_unknown ? "unknown" : "not_applied");
  if (error.retry_after) {
    const int64_t nanos = absl::ToInt64Nanoseconds(*error.retry_after);
    message.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    message.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  }
  for (const auto& [name, value] : error.metadata) (*message.mutable_metadata())[name] = value;
}

void FillTimestamp(uint64_t millis, google::protobuf::Timestamp& message) {
  message.set_seconds(static_cast<int64_t>(millis / 1000));
  message.set_nanos(static_cast<int32_t>(millis % 1000) * 1'000'000);
}

}  // namespace quorumcache::service
