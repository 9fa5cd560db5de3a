// SPDX-License-Identifier: Apache-2.0
// Ask and Answer as messages of the gRPC API.
#pragma once

#include "client/error.h"
#include "quorumcache/v1/cache.pb.h"
#include "tests/histories/ask.h"

namespace quorumcache::histories {

v1::GetRequest ToGet(const Ask& ask);
v1::SetRequest ToSet(const Ask& ask);
v1::DeleteRequest ToDelete(const Ask& ask);
v1::IncrementRequest ToIncrement(const Ask& ask);
// Requires: condition kIfVersion.
v1::CompareAndSetRequest ToCompareAndSet(const Ask& ask);

Answer FromResponse(const v1::GetResponse& response);
Answer FromResponse(const v1::SetResponse& response);
Answer FromResponse(const v1::DeleteResponse& response);
Answer FromResponse(const v1::IncrementResponse& response);
Answer FromResponse(const v1::CompareAndSetResponse& response);

Answer FromError(const client::Error& error);

// Calls `call(request)` with the message that `ask` is; `call` takes any of the five and returns an
// Answer. A Set that compares versions is a CompareAndSet or a Set by turns of its number: both
// doors must do the same.
template <typename CallWith>
Answer Dispatch(const Ask& ask, CallWith call) {
  const bool compares = ask.condition == history::ClientCondition::kIfVersion;
  switch (ask.kind) {
    case history::ClientOpKind::kSet:
      if (compares && !ask.return_previous && NumberOf(ask.value) % 2 == 0) {
        return call(ToCompareAndSet(ask));
      }
      return call(ToSet(ask));
    case history::ClientOpKind::kDelete:
      return call(ToDelete(ask));
    case history::ClientOpKind::kIncrement:
      return call(ToIncrement(ask));
    default:
      return call(ToGet(ask));
  }
}

}  // namespace quorumcache::histories
