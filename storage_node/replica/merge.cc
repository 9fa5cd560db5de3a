// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/check.h"
#include "storage_node/replica/transfer.h"

namespace quorumcache::replica {

MergeSide Merge(const MergeSide& ours, const MergeSide& theirs, bool same_slot) {
  const Acceptor& a = ours.acceptor;
  Acceptor b = theirs.acceptor;
  if (!same_slot) b.previous = b.accepted;
  MergeSide merged;
  Acceptor& out = merged.acceptor;
  out.accepted = std::max(a.accepted, b.accepted);
  merged.record = a.accepted >= b.accepted ? ours.record : theirs.record;
  if (a.accepted == b.accepted) {
    out.previous = std::max(a.previous, b.previous);
  } else if (a.accepted > b.accepted) {
    out.previous = std::max(a.previous, b.accepted);
  } else {
    out.previous = std::max(b.previous, a.accepted);
  }
  const model::Ballot promise = std::max(a.promise(), b.promise());
  if (promise > out.accepted) out.promised = promise;
  // I1.
  QC_CHECK(out.accepted >= a.accepted && out.promise() >= a.promise());
  QC_CHECK(out.previous <= out.accepted);
  return merged;
}

}  // namespace quorumcache::replica
