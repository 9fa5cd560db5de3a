// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/acceptor.h"

#include "common/base/check.h"

namespace quorumcache::replica {

Verdict ApplyPrepare(const model::Ballot& ballot, const model::Ballot& floor, Acceptor* acceptor) {
  const model::Ballot bound = std::max(acceptor->promise(), floor);
  if (ballot <= bound) return Verdict::kRefused;
  acceptor->promised = ballot;
  return Verdict::kPromised;
}

Verdict ApplyAccept(const model::Ballot& ballot, const model::Ballot& next,
                    const model::Ballot& floor, const AcceptLeniency& leniency,
                    Acceptor* acceptor) {
  QC_CHECK(!ballot.IsZero());
  if (ballot == acceptor->accepted) return Verdict::kRepeat;
  if (ballot < acceptor->promised && !leniency.ignore_promise) return Verdict::kRefused;
  if (ballot < acceptor->accepted && !leniency.ignore_accepted) return Verdict::kRefused;
  if (ballot <= floor && !leniency.ignore_floor) return Verdict::kRefused;
  acceptor->previous = acceptor->accepted;
  acceptor->accepted = ballot;
  const model::Ballot promise = std::max({acceptor->promised, ballot, next});
  acceptor->promised = promise > ballot ? promise : model::Ballot{};
  return Verdict::kAccepted;
}

}  // namespace quorumcache::replica
