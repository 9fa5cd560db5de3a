// SPDX-License-Identifier: Apache-2.0
#include "common/wire/record_proto.h"

#include <utility>

#include "common/wire/request_id.h"

namespace quorumcache::wire {

void ToProto(const model::Ballot& ballot, internal::v1::Ballot* proto) {
  proto->set_epoch(ballot.epoch);
  proto->set_hlc(ballot.hlc);
  proto->set_proposer(ballot.proposer);
}

model::Ballot FromProto(const internal::v1::Ballot& proto) {
  return model::Ballot{proto.epoch(), proto.hlc(), proto.proposer()};
}

void ToProto(model::Record record, const model::Ballot& own, internal::v1::Record* proto) {
  proto->set_state(static_cast<uint32_t>(record.state));
  proto->set_value(std::move(record.value));
  proto->set_content_type(std::move(record.content_type));
  proto->set_expire_at_ms(record.expire_at_ms);
  if (record.lineage.root() != own) ToProto(record.lineage.root(), proto->mutable_root());
  for (const model::Change& change : record.lineage.changes()) {
    internal::v1::Change* out = proto->add_changes();
    out->set_request_id(FormatRequestId(change.request_id));
    if (!change.ballot.IsZero()) ToProto(change.ballot, out->mutable_ballot());
    out->set_result(change.result);
  }
}

}  // namespace quorumcache::wire
