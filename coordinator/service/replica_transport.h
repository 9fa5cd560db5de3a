// SPDX-License-Identifier: Apache-2.0
// ReplicaTransport: how the op runner reaches storage nodes. The real one is ReplicaLinks
// (replica_links.h).
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/model/replica_message.h"
#include "common/rpc/batch_stream_client.h"
#include "common/wire/replica_wire.h"
#include "coordinator/quorum/operation.h"

namespace quorumcache::service {

// A node as the transport knows it; keeps its meaning when the cluster map changes, unlike the
// index of a node in a map.
using LinkId = uint32_t;

// Loop thread only.
class ReplicaTransport {
 public:
  virtual ~ReplicaTransport() = default;
  // Queues one message. kOk: `handler` gets exactly one reply, later. Anything else: it was not
  // sent, never will be, and the handler is not called. `header` and the send's record are not
  // kept; the transport fills in header.id and header.incarnation.
  [[nodiscard]] virtual model::ReplyStatus Send(LinkId link, const wire::RequestHeader& header,
                                                const quorum::Send& send,
                                                const rpc::ReplyContext& context,
                                                rpc::ReplyHandler& handler) = 0;
  // Whether messages to it leave at present.
  virtual bool IsUp(LinkId link) const = 0;
  // Whether that is known: the first attempt to reach it has ended, or there is nothing to reach.
  virtual bool WasTried(LinkId link) const { return true; }
  // How long a reader waits for it before asking another replica as well.
  virtual absl::Duration HedgeDelay(LinkId link) const = 0;
  // The node's id in the cluster map. The reference lives until the next change of the map.
  virtual const std::string& NodeIdOf(LinkId link) const = 0;
};

}  // namespace quorumcache::service
