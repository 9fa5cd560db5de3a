// SPDX-License-Identifier: Apache-2.0
// The door to the operations: which kind does what was asked.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "coordinator/quorum/mutation.h"
#include "coordinator/quorum/operation.h"

namespace quorumcache::quorum {

// A Get. `hedge_delay`: how long to wait for the replicas asked before one more is; the shell gives
// the 99th percentile of the slowest of them. InfiniteDuration: never.
std::unique_ptr<Operation> MakeRead(OperationContext context, model::Key key,
                                    absl::Duration hedge_delay);

// Everything that changes a record: a WriteOp where the mutation is blind, else a RegisterOp.
std::unique_ptr<Operation> MakeMutation(OperationContext context, model::Key key,
                                        Mutation mutation);

}  // namespace quorumcache::quorum
