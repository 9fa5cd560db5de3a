// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/failures.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::quorum {
namespace {

using model::ReplyStatus;

// In this order: the first that was seen is the one that the caller can do most about.
constexpr std::pair<ReplyStatus, OpError> kErrors[] = {
    {ReplyStatus::kStaleEpoch, OpError::kStaleTopology},
    {ReplyStatus::kWrongNode, OpError::kStaleTopology},
    {ReplyStatus::kDiskFull, OpError::kDiskFull},
    {ReplyStatus::kOverloaded, OpError::kOverloaded},
    {ReplyStatus::kClockSkew, OpError::kClockSkew},
    {ReplyStatus::kCorrupt, OpError::kCorrupt},
    {ReplyStatus::kRefused, OpError::kContention},
};

// Every status there is is below 64.
constexpr uint64_t StatusBit(ReplyStatus status) {
  return uint64_t{1} << (static_cast<unsigned>(status) % 64);
}

}  // namespace

bool NeverAccepted(const model::ReplicaReply& reply, const model::Ballot& ballot) {
  if (reply.status != ReplyStatus::kRefused) return model::NotExecuted(reply.status);
  // What is forgotten may have been accepted once.
  if (ballot <= reply.forgotten) return false;
  return reply.accepted < ballot || (reply.accepted > ballot && reply.previous < ballot);
}

bool Operation::CountsAsNeverAccepted(const model::ReplicaReply& reply,
                                      const model::Ballot& ballot) const {
  const bool careless = context_.mutant == Mutant::kRefusalMeansNeverAccepted &&
                        reply.status == ReplyStatus::kRefused;
  return careless || NeverAccepted(reply, ballot);
}

absl::string_view ReplyStatusText(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::kUnspecified:
      return "no status";
    case ReplyStatus::kOk:
      return "ok";
    case ReplyStatus::kRefused:
      return "refused";
    case ReplyStatus::kStaleEpoch:
      return "stale epoch";
    case ReplyStatus::kWrongNode:
      return "wrong node";
    case ReplyStatus::kClockSkew:
      return "clock skew";
    case ReplyStatus::kExpired:
      return "expired";
    case ReplyStatus::kOverloaded:
      return "overloaded";
    case ReplyStatus::kDiskFull:
      return "disk full";
    case ReplyStatus::kUnavailable:
      return "unavailable";
    case ReplyStatus::kInvalid:
      return "invalid";
    case ReplyStatus::kCorrupt:
      return "corrupt";
    case ReplyStatus::kNotSent:
      return "not sent";
    case ReplyStatus::kLost:
      return "lost";
  }
  return "unknown status";
}

void Failures::Add(const model::ReplicaReply& reply) {
  QC_CHECK(reply.status != ReplyStatus::kOk);
  seen_ |= StatusBit(reply.status);
  if (!detail_.empty()) return;
  detail_ = std::string(ReplyStatusText(reply.status));
  if (!reply.message.empty()) absl::StrAppend(&detail_, ": ", reply.message);
}

bool Failures::Saw(ReplyStatus status) const {
  return (seen_ & StatusBit(status)) != 0;
}

OpError Failures::Error() const {
  for (const auto& [status, error] : kErrors) {
    if (Saw(status)) return error;
  }
  return OpError::kQuorumUnreachable;
}

}  // namespace quorumcache::quorum
