// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/locator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hash/token.h"
#include "common/model/etag.h"
#include "coordinator/quorum/failures.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/request_rules.h"

namespace quorumcache::service {
namespace {

std::string ErrorOf(const std::optional<model::ReplicaReply>& reply) {
  if (!reply) return "no answer in time";
  if (reply->status == model::ReplyStatus::kOk) return "";
  if (reply->status == model::ReplyStatus::kNotSent) return "no connection to the node";
  const absl::string_view what = quorum::ReplyStatusText(reply->status);
  return reply->message.empty() ? std::string(what) : absl::StrCat(what, ": ", reply->message);
}

// As a Get would answer it.
model::Ballot VersionOf(const model::ReplicaReply& reply) {
  const model::Ballot last = reply.record ? reply.record->lineage.LastChange() : model::Ballot();
  return last.IsZero() ? reply.accepted : last;
}

}  // namespace

Locator::Locator(std::shared_ptr<const TopologyView> view, Done done)
    : view_(std::move(view)), done_(std::move(done)) {}

void Locator::Start(OpRunner& runner, const OperationMaker& maker,
                    std::shared_ptr<const TopologyView> view, std::string namespace_name,
                    std::string key, base::MonotonicTime deadline, Done done) {
  KeyLocation refused;
  if (namespace_name.empty()) namespace_name = model::kDefaultNamespace;
  bool good = CheckKey(key, refused.error) && CheckNamespace(namespace_name, refused.error);
  if (good && !view->HasNamespace(namespace_name)) {
    refused.error = NamespaceNotFoundError(namespace_name);
    good = false;
  }
  if (!good) return done(std::move(refused));
  auto* locator = new Locator(view, std::move(done));
  OpRunner::Job job;
  job.listener = locator;
  job.deadline = deadline;
  model::Key whole{std::move(namespace_name), std::move(key)};
  quorum::OperationContext context = maker.MakeContext(*view, view->PartitionOf(whole), job);
  job.operation = std::make_unique<LocateOp>(std::move(context), std::move(whole));
  runner.Start(std::move(job));
}

void Locator::OnFinished(OpRunner::Job& job) {
  const std::unique_ptr<Locator> self(this);
  const auto& operation = static_cast<const LocateOp&>(*job.operation);
  const model::ReplicaSet& set = operation.replicas();
  KeyLocation location;
  location.token = hash::TokenOf(operation.key().namespace_name, operation.key().bytes);
  location.partition = set.partition;
  location.partition_epoch = set.epoch;
  for (size_t i = 0; i < set.replicas.size(); ++i) {
    location.replicas.push_back(ViewOf(set.replicas[i], operation.replies()[i]));
  }
  done_(std::move(location));
}

ReplicaView Locator::ViewOf(const model::Replica& replica,
                            const std::optional<model::ReplicaReply>& reply) const {
  const topology::Node& node = view_->map().nodes[replica.node];
  ReplicaView shown;
  shown.node_id = node.id;
  shown.address = node.address;
  shown.zone = node.zone;
  shown.error = ErrorOf(reply);
  if (!shown.error.empty()) return shown;
  shown.found = reply->state == model::RecordState::kValue;
  shown.tombstone = reply->state == model::RecordState::kTombstone;
  const model::Ballot version = VersionOf(*reply);
  if (!version.IsZero()) shown.etag = model::FormatEtag(version);
  shown.expire_at_ms = reply->expire_at_ms;
  if (reply->record) shown.value_size_bytes = reply->record->value.size();
  return shown;
}

}  // namespace quorumcache::service
