// SPDX-License-Identifier: Apache-2.0
// Random replica messages, and a text form to compare them by.
#pragma once

#include <string>

#include "common/base/random.h"
#include "common/model/replica_message.h"

namespace quorumcache::wire {

// Makes sense: a body, a valid key, ballots and records where they must be.
model::ReplicaRequest RandomRequest(base::Random& random);
model::ReplicaReply RandomReply(base::Random& random);

// Equal texts: equal messages.
std::string Describe(const model::ReplicaRequest& request);
std::string Describe(const model::ReplicaReply& reply);

}  // namespace quorumcache::wire
