// SPDX-License-Identifier: Apache-2.0
// TopologyStore: where the cluster map is kept, for all processes of a cluster.
//
// The map is totally ordered by its epoch, and the only way to change it is to say which epoch the
// change was made from. The data path never waits for a store: processes go on with the last map
// they have seen, and only changes need it. Stores: common/topology_file (one machine).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/topology/cluster_map.h"

namespace quorumcache::topology {

// Thread-safe. Ends a watch when destroyed: after the destructor has returned, the callback is not
// called any more. Do not destroy it from inside the callback.
class TopologyWatch {
 public:
  virtual ~TopologyWatch() = default;
  TopologyWatch() = default;
  TopologyWatch(const TopologyWatch&) = delete;
  TopologyWatch& operator=(const TopologyWatch&) = delete;

  // How long ago the store last said what its present map is: a few seconds at most while it can be
  // read, whether the map changes or not; growing from then on when it cannot. Since the watch
  // began where it has not been read yet. Does not block.
  virtual absl::Duration Age() const = 0;
};

// The right to drive a topology change, so that two drivers do not work against each other. It is
// a courtesy, not a fence: a holder that was stopped for a while may not know that it has lost it.
// What protects the map is the epoch of CompareAndSet, so two drivers at once are harmless.
//
// Thread-safe. Kept alive by a thread of the store's own. Destroying it gives it back, so that the
// next one need not wait; this may block like any call of the store's. The store must outlive it.
class TopologyLease {
 public:
  virtual ~TopologyLease() = default;
  TopologyLease() = default;
  TopologyLease(const TopologyLease&) = delete;
  TopologyLease& operator=(const TopologyLease&) = delete;

  // Whether it is still ours as far as this process can tell. Once false, false for good: destroy
  // it and try again. Never waits for the store.
  virtual bool held() const = 0;
};

// A new map, or why the store cannot be read now; the last map stays good until another one comes.
using TopologyCallback = std::function<void(const absl::StatusOr<ClusterMap>&)>;

// Thread-safe. Calls may block for as long as the store's own time-out; never call them from an
// event loop.
//
// Errors of all: UNAVAILABLE: the store cannot be reached or is busy, try again; DATA_LOSS: what is
// there is not a map that this store wrote, a person must look (the message says what is wrong and
// what to do).
class TopologyStore {
 public:
  virtual ~TopologyStore() = default;

  // The present map. NOT_FOUND: no cluster has been made here.
  virtual absl::StatusOr<ClusterMap> Read() = 0;

  // Stores the first map of this store: epoch 1 for a new cluster, the one it has for a cluster
  // that comes from another store. ALREADY_EXISTS: there is one (whatever it says).
  // INVALID_ARGUMENT: see Validate.
  virtual absl::Status Create(const ClusterMap& map) = 0;

  // Replaces the map if its epoch still is `expected_epoch`; map.epoch must be the next one. Of
  // several processes that try at once exactly one wins. ABORTED: the present epoch is another one:
  // read, decide again. INVALID_ARGUMENT, FAILED_PRECONDITION: see Validate and ValidateSuccessor.
  // NOT_FOUND: as Read. UNAVAILABLE may come after the change has been made: read before trying
  // again.
  virtual absl::Status CompareAndSet(uint64_t expected_epoch, const ClusterMap& map) = 0;

  // Calls back from one thread of the store's: first with the present state, then after each
  // change, with increasing epochs (some may be skipped). A failure is reported once until it
  // changes or ends; its end is a map, which may be the last one again. The store must outlive the
  // watch.
  virtual absl::StatusOr<std::unique_ptr<TopologyWatch>> Watch(TopologyCallback callback) = 0;

  // Takes the one lease of this store at once, or not at all. `holder`: who asks, for people to
  // read; one line of 1 to 256 bytes, else INVALID_ARGUMENT. FAILED_PRECONDITION: somebody holds
  // it, and the message names them; ask again later. A holder that dies or hangs loses it after
  // kLeaseTtl at the latest. There need not be a map.
  virtual absl::StatusOr<std::unique_ptr<TopologyLease>> TryAcquireLease(
      absl::string_view holder) = 0;
};

// Long enough to ride out the election of a new etcd leader, short enough that a change does not
// wait long for a driver that has died.
inline constexpr absl::Duration kLeaseTtl = absl::Seconds(10);

}  // namespace quorumcache::topology
