// SPDX-License-Identifier: Apache-2.0
// quorumcache.v1 messages <-> CacheRequest and CacheResponse: the only place of the coordinator
// that knows both.
//
// Requests are moved out of their messages, responses into theirs: a value is copied by neither.
#pragma once

#include "absl/time/time.h"
#include "coordinator/service/cache_backend.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::service {

// Each fills a fresh `request` and leaves `message` valid but unspecified.
void TakeRequest(v1::GetRequest& message, CacheRequest& request);
void TakeRequest(v1::SetRequest& message, CacheRequest& request);
void TakeRequest(v1::DeleteRequest& message, CacheRequest& request);
void TakeRequest(v1::TouchRequest& message, CacheRequest& request);
void TakeRequest(v1::IncrementRequest& message, CacheRequest& request);
void TakeRequest(v1::CompareAndSetRequest& message, CacheRequest& request);
void TakeRequest(v1::ScanRequest& message, ScanRequest& request);
// False: it names no operation, or one that this server does not know.
bool TakeRequest(v1::PipelineOperation& message, CacheRequest& request);

// Each fills a cleared `message`. Requires: response.error.ok().
void FillMessage(CacheResponse&& response, v1::GetResponse& message);
void FillMessage(CacheResponse&& response, v1::SetResponse& message);
void FillMessage(CacheResponse&& response, v1::DeleteResponse& message);
void FillMessage(CacheResponse&& response, v1::TouchResponse& message);
void FillMessage(CacheResponse&& response, v1::IncrementResponse& message);
void FillMessage(CacheResponse&& response, v1::CompareAndSetResponse& message);
void FillMessage(ScanPage&& page, v1::ScanResponse& message);

// Any response, also one with an error.
void FillMessage(CacheResponse&& response, v1::MultiGetResult& message);
void FillMessage(CacheResponse&& response, v1::MultiSetResult& message);
void FillMessage(CacheResponse&& response, v1::MultiDeleteResult& message);
// `kind` chooses the form of the answer.
void FillMessage(CacheResponse&& response, OperationKind kind, v1::PipelineResult& message);
void FillMessage(const CacheError& error, v1::OperationError& message);

// Numbers that no level has become one that the request rules refuse.
model::Consistency ToConsistency(int number);
model::Durability ToDurability(int number);

// Milliseconds since the Unix epoch to a Timestamp.
void FillTimestamp(uint64_t millis, google::protobuf::Timestamp& message);

}  // namespace quorumcache::service
