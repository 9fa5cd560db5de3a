// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/make_operation.h"

#include <utility>

#include "coordinator/quorum/read_op.h"
#include "coordinator/quorum/register_op.h"
#include "coordinator/quorum/write_op.h"

namespace quorumcache::quorum {

std::unique_ptr<Operation> MakeRead(OperationContext context, model::Key key,
                                    absl::Duration hedge_delay) {
  return std::make_unique<ReadOp>(std::move(context), std::move(key), hedge_delay);
}

std::unique_ptr<Operation> MakeMutation(OperationContext context, model::Key key,
                                        Mutation mutation) {
  if (mutation.IsBlind()) {
    return std::make_unique<WriteOp>(std::move(context), std::move(key), std::move(mutation));
  }
  return std::make_unique<RegisterOp>(std::move(context), std::move(key), std::move(mutation));
}

}  // namespace quorumcache::quorum
