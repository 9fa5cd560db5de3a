// SPDX-License-Identifier: Apache-2.0
// EtcdWatch: a thread that follows the map in etcd.
//
// It reads the map, then watches its key from the revision of that read on, so nothing is missed.
// Every EtcdOptions::recheck_interval it asks a majority whether the key is what it was, and
// watches on from there; so a member that hangs or is cut off is found, and a watch that etcd has
// compacted away, or any other surprise, ends in a new read.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "common/base/random.h"
#include "common/topology/topology_store.h"
#include "common/topology_base/map_reporter.h"
#include "common/topology_etcd/etcd_client.h"
#include "common/topology_etcd/etcd_options.h"
#include "common/topology_etcd/interrupt.h"

namespace quorumcache::topology_etcd {

// Thread-safe. Its destructor cancels what is under way and joins the thread.
class EtcdWatch : public topology::TopologyWatch {
 public:
  // `client` outlives it. `place`: of the map, for messages.
  EtcdWatch(EtcdClient& client, std::string key, std::string place, const EtcdOptions& options,
            topology::TopologyCallback callback);
  ~EtcdWatch() override;

  absl::Duration Age() const override { return reporter_.Age(); }

 private:
  void Run();
  // Reads the map and reports it; false when etcd cannot be asked.
  bool Look();
  // Until another look is needed; true where it went well for a while.
  bool Follow();
  bool OnAnswer(const etcdserverpb::WatchResponse& answer);
  // Whether the key is what it was, says a majority.
  bool Recheck();
  void Report(const mvccpb::KeyValue* kv);

  EtcdClient& client_;
  const std::string key_;
  const std::string place_;
  const absl::Duration recheck_interval_;
  topology_base::MapReporter reporter_;
  Interrupt interrupt_;

  // The thread's own. Of the store as of the last answer; and of the key, 0: there is none.
  base::Random random_;
  int64_t revision_ = 0;
  int64_t mod_revision_ = 0;
  bool needs_look_ = false;
  // Last: it uses the others.
  std::thread thread_;
};

}  // namespace quorumcache::topology_etcd
