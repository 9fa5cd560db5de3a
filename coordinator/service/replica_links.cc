// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/replica_links.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/check.h"

namespace quorumcache::service {
namespace {

// Until a replica has shown its own p99: above a healthy one's, below what a person notices.
constexpr absl::Duration kHedgeDelayFallback = absl::Milliseconds(20);
// Hedging below it would double the load of a fast cluster for nothing; above it a stopped replica
// is felt.
constexpr absl::Duration kHedgeDelayMin = absl::Milliseconds(2);
constexpr absl::Duration kHedgeDelayMax = absl::Milliseconds(100);

}  // namespace

ReplicaLinks::ReplicaLinks(rpc::EventLoop& loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

ReplicaLinks::~ReplicaLinks() {
  Close();
}

std::vector<LinkId> ReplicaLinks::Apply(const topology::ClusterMap& map) {
  for (Link& link : links_) link.in_map = false;
  std::vector<LinkId> ids;
  ids.reserve(map.nodes.size());
  for (const topology::Node& node : map.nodes) {
    ids.push_back(LinkOf(map.cluster_id, node));
    links_[ids.back()].in_map = true;
  }
  for (Link& link : links_) {
    if (!link.in_map) Retire(link);
  }
  return ids;
}

LinkId ReplicaLinks::LinkOf(const std::string& cluster_id, const topology::Node& node) {
  const auto same = [&node](const Link& link) {
    return link.node_id == node.id && link.address == node.address &&
           link.incarnation == node.incarnation;
  };
  const auto found = std::find_if(links_.begin(), links_.end(), same);
  const LinkId id = static_cast<LinkId>(found - links_.begin());
  if (found == links_.end()) {
    Link& added = links_.emplace_back();
    added.node_id = node.id;
    added.address = node.address;
    added.incarnation = node.incarnation;
  }
  Link& link = links_[id];
  if (link.client == nullptr && link.incarnation != 0 && !closed_) Open(cluster_id, link);
  return id;
}

void ReplicaLinks::Open(const std::string& cluster_id, Link& link) {
  rpc::BatchStreamClientOptions options;
  options.address = link.address;
  options.cluster_id = cluster_id;
  options.sender = options_.sender;
  options.incarnation = link.incarnation;
  options.seed = options_.seed + opened_++;
  options.on_health = [this](bool) {
    if (options_.on_change != nullptr) options_.on_change();
  };
  link.client = std::make_unique<rpc::BatchStreamClient>(loop_, std::move(options));
}

void ReplicaLinks::Retire(Link& link) {
  if (link.client == nullptr) return;
  link.client->Close();
  // Not at once: a reply of this very client may be what led here.
  loop_.Post([client = std::shared_ptr<rpc::BatchStreamClient>(std::move(link.client))] {});
}

void ReplicaLinks::Close() {
  closed_ = true;
  for (Link& link : links_) {
    if (link.client != nullptr) link.client->Close();
  }
}

model::ReplyStatus ReplicaLinks::Send(LinkId link, const wire::RequestHeader& header,
                                      const quorum::Send& send, const rpc::ReplyContext& context,
                                      rpc::ReplyHandler& handler) {
  QC_CHECK(link < links_.size());
  rpc::BatchStreamClient* client = links_[link].client.get();
  if (client == nullptr) return model::ReplyStatus::kNotSent;
  if (const auto* read = std::get_if<model::ReadRequest>(&send.body)) {
    return client->Read(header, *read, context, handler);
  }
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&send.body)) {
    return client->Prepare(header, *prepare, context, handler);
  }
  const auto& accept = std::get<quorum::AcceptSend>(send.body);
  const wire::AcceptBody body{accept.ballot, accept.record, accept.next, accept.fsync,
                              accept.repair};
  return client->Accept(header, body, context, handler);
}

bool ReplicaLinks::IsUp(LinkId link) const {
  const rpc::BatchStreamClient* client = links_[link].client.get();
  return client != nullptr && client->up();
}

bool ReplicaLinks::WasTried(LinkId link) const {
  const rpc::BatchStreamClient* client = links_[link].client.get();
  return client == nullptr || client->tried();
}

absl::Duration ReplicaLinks::HedgeDelay(LinkId link) const {
  const rpc::BatchStreamClient* client = links_[link].client.get();
  if (client == nullptr) return kHedgeDelayMin;
  return std::clamp(client->HedgeDelay(kHedgeDelayFallback), kHedgeDelayMin, kHedgeDelayMax);
}

}  // namespace quorumcache::service
