// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/gate.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"
#include "common/base/probe.h"
#include "common/hash/token.h"

namespace quorumcache::replica {
namespace {

using model::ReplyStatus;

Admission Invalid(absl::string_view message) {
  return Admission{ReplyStatus::kInvalid, std::string(message)};
}

Admission ValidateRecord(const model::Record& record) {
  if (record.value.size() > limits::kValueSizeBytesMaxCeiling) {
    return Invalid(absl::StrCat("value is ", record.value.size(), " bytes"));
  }
  if (record.content_type.size() > limits::kContentTypeSizeBytesMax) {
    return Invalid(absl::StrCat("content type is ", record.content_type.size(), " bytes"));
  }
  if (record.lineage.changes().size() > limits::kLineageChangesMax) {
    return Invalid(absl::StrCat("lineage has ", record.lineage.changes().size(), " changes"));
  }
  if (record.state != model::RecordState::kValue && !record.value.empty()) {
    return Invalid("a record without a value has value bytes");
  }
  return {};
}

Admission ValidateBody(const model::ReplicaRequest& request) {
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
    return prepare->ballot.IsZero() ? Invalid("ballot is zero") : Admission{};
  }
  if (const auto* accept = std::get_if<model::AcceptRequest>(&request.body)) {
    return accept->ballot.IsZero() ? Invalid("ballot is zero") : ValidateRecord(accept->record);
  }
  return {};
}

}  // namespace

Admission ValidateRequest(const model::ReplicaRequest& request) {
  const absl::Status name = model::ValidateNamespaceName(request.key.namespace_name);
  if (!name.ok()) return Invalid(name.message());
  const absl::Status key = model::ValidateKeyBytes(request.key.bytes);
  if (!key.ok()) return Invalid(key.message());
  return ValidateBody(request);
}

bool SkipsEpoch(const model::ReplicaRequest& request) {
  const auto* accept = std::get_if<model::AcceptRequest>(&request.body);
  return accept != nullptr && accept->repair;
}

uint64_t HighestHlc(const model::ReplicaRequest& request) {
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&request.body)) {
    return std::max(request.hlc, prepare->ballot.hlc);
  }
  if (const auto* accept = std::get_if<model::AcceptRequest>(&request.body)) {
    return std::max({request.hlc, accept->ballot.hlc, accept->next.hlc});
  }
  return request.hlc;
}

Admission Gate::Admit(const model::ReplicaRequest& request, uint64_t wall_ms) {
  Admission admission = CheckIdentity(request.partition, request.incarnation);
  if (admission.status != ReplyStatus::kOk) return admission;
  admission = ValidateRequest(request);
  if (admission.status != ReplyStatus::kOk) return admission;
  const uint64_t hlc = HighestHlc(request);
  admission = CheckClock(hlc, wall_ms);
  if (admission.status != ReplyStatus::kOk) return admission;
  clock_->Observe(hlc);
  if (SkipsEpoch(request)) {
    return options_.mutations.repair_to_joiner ? Admission{} : CheckWhole(request.partition);
  }
  admission = CheckEpoch(request.partition, request.epoch);
  if (admission.status != ReplyStatus::kOk) return admission;
  if (request.epoch == partitions_->row(request.partition).epoch) {
    partitions_->RaiseBallotFloorEpoch(request.partition, request.ballot_floor_epoch);
  }
  return CheckRole(request);
}

Admission Gate::AdmitPartition(uint32_t partition, uint32_t epoch, uint64_t incarnation) {
  Admission admission = CheckIdentity(partition, incarnation);
  if (admission.status != ReplyStatus::kOk) return admission;
  if (!options_.mutations.garbage_ignores_epoch) admission = CheckEpoch(partition, epoch);
  if (admission.status != ReplyStatus::kOk) return admission;
  return CheckWhole(partition);
}

Admission Gate::AdmitPull(const PullRequest& request) {
  Admission admission = CheckIdentity(request.partition, request.incarnation);
  if (admission.status != ReplyStatus::kOk) return admission;
  if (options_.mutations.pull_does_not_fence) return CheckWhole(request.partition);
  admission = CheckEpoch(request.partition, request.epoch);
  if (admission.status != ReplyStatus::kOk) return admission;
  partitions_->RaiseBallotFloorEpoch(request.partition, request.ballot_floor_epoch);
  return CheckWhole(request.partition);
}

Admission Gate::CheckIdentity(uint32_t partition, uint64_t incarnation) const {
  if (incarnation != options_.incarnation) {
    return {ReplyStatus::kWrongNode,
            absl::StrCat("the request is for incarnation ", absl::Hex(incarnation),
                         "; this node is ", absl::Hex(options_.incarnation))};
  }
  if (partition >= partitions_->size()) {
    return {ReplyStatus::kInvalid,
            absl::StrCat("partition ", partition, " of ", partitions_->size(), " does not exist")};
  }
  if (!partitions_->IsHeld(partition)) {
    return {ReplyStatus::kWrongNode, absl::StrCat("this node does not hold partition ", partition)};
  }
  return {};
}

Admission Gate::CheckClock(uint64_t hlc, uint64_t wall_ms) const {
  const uint64_t request_ms = model::HlcMillis(hlc);
  if (request_ms <= wall_ms + options_.clock_skew_ms_max) return {};
  if (options_.mutations.no_clock_skew_check) return {};
  QC_PROBE("replica_clock_skew_refused");
  return {ReplyStatus::kClockSkew,
          absl::StrCat("the request's clock says ", request_ms, " ms, this node's ", wall_ms,
                       " ms since 1970: more than ", options_.clock_skew_ms_max, " ms ahead")};
}

Admission Gate::CheckEpoch(uint32_t partition, uint32_t epoch) {
  const uint32_t known = partitions_->row(partition).epoch;
  if (epoch < known && !options_.mutations.no_fence) {
    QC_PROBE("replica_stale_epoch_refused");
    return {ReplyStatus::kStaleEpoch, absl::StrCat("partition ", partition, " is at epoch ", known,
                                                   ", the request is of ", epoch)};
  }
  if (epoch > known) {
    QC_PROBE("replica_higher_epoch_learned");
    partitions_->RaiseEpoch(partition, epoch);
  }
  return {};
}

// A joiner must have seen the map that made it one: until then it may still have the state of an
// earlier stay, which the join wipes. A holder needs no map, for it can only have become one with
// its knowledge.
Admission Gate::CheckRole(const model::ReplicaRequest& request) const {
  if (!request.joiner) return CheckWhole(request.partition);
  if (options_.mutations.joiner_without_map) return {};
  const bool knows = partitions_->assigned_epoch(request.partition) >= request.epoch;
  if (knows && partitions_->IsJoiner(request.partition)) return {};
  QC_PROBE("replica_join_not_known_yet");
  return {ReplyStatus::kUnavailable,
          absl::StrCat("this node does not know yet that it joins partition ", request.partition,
                       " at epoch ", request.epoch)};
}

Admission Gate::CheckWhole(uint32_t partition) const {
  if (partitions_->HasWholeCopy(partition)) return {};
  if (options_.mutations.serve_incomplete_copy) return {};
  QC_PROBE("replica_copy_is_not_whole");
  return {ReplyStatus::kUnavailable,
          absl::StrCat("this node has not got all of partition ", partition, " yet")};
}

}  // namespace quorumcache::replica
