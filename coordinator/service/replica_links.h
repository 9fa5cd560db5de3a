// SPDX-License-Identifier: Apache-2.0
// ReplicaLinks: one batched stream to every storage node of the cluster map.
//
// A link is a node at an address under an incarnation; where one of these changes, the old link
// closes (what was under way on it is answered) and a new one opens. A node that has not bound its
// data directory yet (incarnation 0) has a link without a stream: nothing is sent to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/batch_stream_client.h"
#include "common/rpc/event_loop.h"
#include "common/topology/cluster_map.h"
#include "coordinator/service/replica_transport.h"

namespace quorumcache::service {

// Thread-compatible: everything on the loop's thread.
class ReplicaLinks final : public ReplicaTransport {
 public:
  struct Options {
    // This coordinator's name.
    std::string sender;
    // Of the backoffs' jitter.
    uint64_t seed = 0;
    // Called when a node came up or went down; may be empty.
    std::function<void()> on_change;
  };

  // `loop` outlives the links.
  ReplicaLinks(rpc::EventLoop& loop, Options options);
  ~ReplicaLinks() override;

  // Opens and closes links so that they are those of `map`; returns them by node index.
  std::vector<LinkId> Apply(const topology::ClusterMap& map);
  // Answers all that is under way; nothing is sent any more.
  void Close();

  model::ReplyStatus Send(LinkId link, const wire::RequestHeader& header, const quorum::Send& send,
                          const rpc::ReplyContext& context, rpc::ReplyHandler& handler) override;
  bool IsUp(LinkId link) const override;
  bool WasTried(LinkId link) const override;
  absl::Duration HedgeDelay(LinkId link) const override;

  // Links so far; retired ones are among them.
  LinkId count() const { return static_cast<LinkId>(links_.size()); }
  // nullptr: no stream (see above).
  const rpc::BatchStreamClient* client(LinkId link) const { return links_[link].client.get(); }
  const std::string& NodeIdOf(LinkId link) const override { return links_[link].node_id; }
  uint64_t incarnation(LinkId link) const { return links_[link].incarnation; }

 private:
  struct Link {
    std::string node_id;
    std::string address;
    uint64_t incarnation = 0;
    bool in_map = false;
    std::unique_ptr<rpc::BatchStreamClient> client;
  };

  // The link of `node` as it is now, opened where it is missing.
  LinkId LinkOf(const std::string& cluster_id, const topology::Node& node);
  void Open(const std::string& cluster_id, Link& link);
  void Retire(Link& link);

  rpc::EventLoop& loop_;
  const Options options_;
  uint64_t opened_ = 0;
  bool closed_ = false;
  // Grows with every new link: ids of operations under way stay valid.
  std::vector<Link> links_;
};

}  // namespace quorumcache::service
