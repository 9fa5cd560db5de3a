// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/messages.h"

namespace quorumcache::histories {
namespace {

using history::ClientCondition;
using history::ClientOutcome;

v1::Consistency ConsistencyOf(const Ask& ask) {
  return ask.weak ? v1::CONSISTENCY_ONE : v1::CONSISTENCY_UNSPECIFIED;
}

template <typename Request>
void FillWrite(const Ask& ask, Request& request) {
  request.set_key(ask.key);
  request.set_consistency(ConsistencyOf(ask));
  request.set_request_id(ask.request_id);
  request.set_first(ask.first);
}

template <typename Request>
void FillTtl(const Ask& ask, Request& request) {
  if (ask.ttl == absl::ZeroDuration()) return;
  const absl::Duration seconds = absl::Trunc(ask.ttl, absl::Seconds(1));
  request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(seconds));
  const int64_t nanos = absl::ToInt64Nanoseconds(ask.ttl - seconds);
  request.mutable_ttl()->set_nanos(static_cast<int32_t>(nanos));
}

template <typename Response>
Answer Written(const Response& response) {
  Answer answer;
  answer.outcome = ClientOutcome::kOk;
  answer.etag = response.etag();
  return answer;
}

template <typename Response>
void FillPrevious(const Response& response, Answer& answer) {
  answer.previous_known = response.has_previous();
  answer.has_previous = response.previous().found();
  answer.previous = response.previous().value();
}

}  // namespace

v1::GetRequest ToGet(const Ask& ask) {
  v1::GetRequest request;
  request.set_key(ask.key);
  request.set_consistency(ConsistencyOf(ask));
  return request;
}

v1::SetRequest ToSet(const Ask& ask) {
  v1::SetRequest request;
  FillWrite(ask, request);
  FillTtl(ask, request);
  request.set_value(ask.value);
  request.set_return_previous(ask.return_previous);
  if (ask.condition == ClientCondition::kIfAbsent) request.set_if_absent(true);
  if (ask.condition == ClientCondition::kIfPresent) request.set_if_present(true);
  if (ask.condition == ClientCondition::kIfVersion) request.set_if_etag(ask.if_etag);
  return request;
}

v1::DeleteRequest ToDelete(const Ask& ask) {
  v1::DeleteRequest request;
  FillWrite(ask, request);
  request.set_return_previous(ask.return_previous);
  if (ask.condition == ClientCondition::kIfPresent) request.set_if_present(true);
  if (ask.condition == ClientCondition::kIfVersion) request.set_if_etag(ask.if_etag);
  return request;
}

v1::IncrementRequest ToIncrement(const Ask& ask) {
  v1::IncrementRequest request;
  FillWrite(ask, request);
  request.set_delta(ask.delta);
  return request;
}

v1::CompareAndSetRequest ToCompareAndSet(const Ask& ask) {
  v1::CompareAndSetRequest request;
  FillWrite(ask, request);
  FillTtl(ask, request);
  request.set_value(ask.value);
  request.set_etag(ask.if_etag);
  return request;
}

Answer FromResponse(const v1::GetResponse& response) {
  Answer answer = Written(response);
  answer.found = response.found();
  answer.value = response.value();
  return answer;
}

Answer FromResponse(const v1::SetResponse& response) {
  Answer answer = Written(response);
  FillPrevious(response, answer);
  return answer;
}

Answer FromResponse(const v1::DeleteResponse& response) {
  Answer answer;
  answer.outcome = ClientOutcome::kOk;
  FillPrevious(response, answer);
  return answer;
}

Answer FromResponse(const v1::IncrementResponse& response) {
  Answer answer = Written(response);
  answer.number = response.value();
  return answer;
}

Answer FromResponse(const v1::CompareAndSetResponse& response) {
  return Written(response);
}

Answer FromError(const client::Error& error) {
  Answer answer;
  answer.reason = error.reason;
  answer.message = error.message;
  answer.first = error.Metadata("first");
  if (error.outcome == client::Outcome::kUnknown) return answer;
  answer.outcome = IsConditionFailure(error.reason) ? ClientOutcome::kConditionFailed
                                                    : ClientOutcome::kNotApplied;
  return answer;
}

}  // namespace quorumcache::histories
