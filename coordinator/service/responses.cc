// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/responses.h"

#include <utility>

#include "common/model/etag.h"
#include "coordinator/service/errors.h"

namespace quorumcache::service {
namespace {

void FillVersion(const quorum::OpResult& result, CacheResponse& response) {
  if (!result.version.IsZero()) response.etag = model::FormatEtag(result.version);
  response.expire_at_ms = result.record.expire_at_ms;
}

void FillRead(quorum::OpResult&& result, CacheResponse& response) {
  response.found = result.found;
  if (!result.found) return;
  FillVersion(result, response);
  response.value = std::move(result.record.value);
  response.content_type = std::move(result.record.content_type);
}

void FillPrevious(quorum::OpResult&& result, CacheResponse& response) {
  if (result.previous_unknown) return;
  PreviousValue& previous = response.previous.emplace();
  if (!result.previous) return;
  previous.found = true;
  previous.value = std::move(result.previous->value);
  previous.etag = model::FormatEtag(result.previous_version);
}

}  // namespace

CacheResponse ToResponse(OperationKind kind, bool return_previous, quorum::OpResult&& result) {
  CacheResponse response;
  response.required = result.required;
  response.responded = result.responded;
  if (result.error != quorum::OpError::kNone) {
    response.error = ErrorFromResult(result);
    return response;
  }
  switch (kind) {
    case OperationKind::kGet:
      FillRead(std::move(result), response);
      return response;
    case OperationKind::kTouch:
      response.found = result.found;
      if (result.found) FillVersion(result, response);
      return response;
    case OperationKind::kIncrement:
      response.number = result.number;
      FillVersion(result, response);
      return response;
    case OperationKind::kDelete:
      // Its record is a tombstone: no etag to go on with.
      response.replaced = result.replaced;
      break;
    case OperationKind::kSet:
    case OperationKind::kCompareAndSet:
      response.replaced = result.replaced;
      FillVersion(result, response);
      break;
  }
  if (return_previous) FillPrevious(std::move(result), response);
  return response;
}

}  // namespace quorumcache::service
