// SPDX-License-Identifier: Apache-2.0
// Execution: one request against one key of a batch. docs/PROTOCOL.md#replica, word for word.
#pragma once

#include <cstdint>

#include "common/model/replica_message.h"
#include "storage_node/replica/meta_codec.h"
#include "storage_node/replica/test_mutations.h"
#include "storage_node/replica/working_set.h"

namespace quorumcache::replica {

// What of the answer its sender and the rest of the batch depend on.
struct Executed {
  // The key has changed: this answer, and all later ones for the key, hold once it is written.
  bool is_change = false;
  // The answer holds once all that was written before is on the disk, too.
  bool needs_fsync = false;
};

// Answers `request`, all but its floor and HLC. `row` is of the request's partition. Requires: the
// gate has admitted the request, and key->status is OK.
Executed Execute(const model::ReplicaRequest& request, const PartitionRow& row,
                 const TestMutations& mutations, WorkingKey* key, model::ReplicaReply* reply);

}  // namespace quorumcache::replica
