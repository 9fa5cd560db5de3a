// SPDX-License-Identifier: Apache-2.0
// Records and ballots as generated protobuf objects, for what is not on the hot path
// (ScanPartition, CollectGarbage).
#pragma once

#include "common/model/ballot.h"
#include "common/model/record.h"
#include "quorumcache/internal/v1/replica.pb.h"

namespace quorumcache::wire {

void ToProto(const model::Ballot& ballot, internal::v1::Ballot* proto);
model::Ballot FromProto(const internal::v1::Ballot& proto);

// `own` is the record's ballot: a root equal to it is left out.
void ToProto(model::Record record, const model::Ballot& own, internal::v1::Record* proto);

}  // namespace quorumcache::wire
