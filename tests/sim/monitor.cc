// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/monitor.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/model/etag.h"
#include "common/model/hlc.h"
#include "coordinator/quorum/slots.h"

namespace quorumcache::sim {

using model::ReplyStatus;

void Monitor::Violate(std::string what) {
  if (violation_.empty()) violation_ = std::move(what);
}

void Monitor::OnExecuted(size_t index, const model::ReplicaRequest& request,
                         const model::ReplicaReply& reply, const model::Ballot& floor,
                         uint64_t wall_ms) {
  // Its disk failed on the way: it may have taken it all the same.
  if (reply.status == ReplyStatus::kLost) nodes_[index].may_hold_more = true;
  if (reply.status != ReplyStatus::kOk && reply.status != ReplyStatus::kRefused) return;
  if (model::HlcMillis(request.hlc) > wall_ms + limits::kClockSkewMsMaxDefault) {
    Violate(absl::StrCat("clock skew: node ", index, " obeyed a clock that is far ahead"));
  }
  Node& node = nodes_[index];
  if (reply.accepted < node.accepted && node.accepted > reply.forgotten) {
    Violate(absl::StrCat("I1: A of node ", index, " went back from ",
                         model::FormatEtag(node.accepted)));
  }
  if (reply.promised < node.promised) {
    Violate(absl::StrCat("I1: P of node ", index, " went back from ",
                         model::FormatEtag(node.promised)));
  }
  const auto* accepts = std::get_if<model::AcceptRequest>(&request.body);
  const bool is_new = accepts != nullptr && reply.status == ReplyStatus::kOk &&
                      node.accepted != accepts->ballot && !node.may_hold_more;
  if (is_new && accepts->ballot <= floor) {
    Violate(absl::StrCat("I8: below the floor, and accepted by node ", index, ": ",
                         model::FormatEtag(accepts->ballot)));
  }
  if (accepts == nullptr || !accepts->repair) {
    if (request.epoch < node.epoch) {
      Violate(
          absl::StrCat("I6: node ", index, " obeyed epoch ", request.epoch, " after ", node.epoch));
    }
    node.epoch = request.epoch;
  }
  node.accepted = reply.accepted;
  node.may_hold_more = false;
  node.highest_accepted = std::max(node.highest_accepted, reply.accepted);
  node.promised = reply.promised;
  // Below the ballot floor the message is refused, not the ballot: a repair may yet bring it.
  const bool is_dead =
      accepts != nullptr && !accepts->repair && accepts->ballot.epoch < request.ballot_floor_epoch;
  if (accepts != nullptr && (!is_dead || reply.status == ReplyStatus::kOk)) {
    OnAccept(&node, request.epoch, *accepts, reply.status);
  }
}

void Monitor::OnAccept(Node* node, uint32_t epoch, const model::AcceptRequest& accept,
                       ReplyStatus status) {
  const bool refused_before = node->refused.contains(accept.ballot);
  if (status == ReplyStatus::kRefused) {
    node->refused.insert(accept.ballot);
    return;
  }
  // One that was refused for its epoch alone may come as a repair.
  if (accept.repair && accept.ballot.epoch < epoch) {
    node->refused.erase(accept.ballot);
  } else if (refused_before) {
    Violate(absl::StrCat("I5: accepted after a refusal: ", model::FormatEtag(accept.ballot)));
  }
  const auto [known, is_new] = records_.emplace(accept.ballot, accept.record);
  if (!is_new && !(known->second == accept.record)) {
    Violate(absl::StrCat("I2: two records under ", model::FormatEtag(accept.ballot)));
  }
  if (is_new) CheckLineage(accept.record);
}

void Monitor::CheckLineage(const model::Record& record) {
  std::set<model::RequestId> ids;
  for (const model::Change& change : record.lineage.changes()) {
    if (!ids.insert(change.request_id).second) {
      Violate(absl::StrCat("I9: a request id twice in the lineage at ",
                           model::FormatEtag(change.ballot)));
    }
  }
}

void Monitor::OnDataLost(size_t node) {
  nodes_[node] = Node{};
  data_lost_ = true;
}

void Monitor::OnCopyGone(size_t node) {
  nodes_[node].accepted = nodes_[node].promised = model::Ballot{};
  nodes_[node].refused.clear();
}

void Monitor::OnImported(size_t node) {
  nodes_[node].may_hold_more = true;
  nodes_[node].refused.clear();
}

void Monitor::OnAnswer(const model::Ballot& version, const model::ReplicaSet& set,
                       size_t slots_required) {
  if (version.IsZero() || data_lost_) return;
  quorum::ReplicaMask holders = 0;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    if (nodes_[set.replicas[i].node].highest_accepted >= version) {
      holders |= quorum::Bit(static_cast<quorum::ReplicaIndex>(i));
    }
  }
  if (quorum::SlotsCovered(set, holders) >= slots_required) return;
  Violate(absl::StrCat("I3/I4: answered ", model::FormatEtag(version), " held by too few slots"));
}

}  // namespace quorumcache::sim
