// SPDX-License-Identifier: Apache-2.0
// A topology store in memory, and a small cluster map to put into it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/mutex.h"
#include "common/topology/cluster_map.h"
#include "common/topology/lease_held.h"
#include "common/topology/placement.h"
#include "common/topology/topology_store.h"

namespace quorumcache::topology {

// Nodes n1..n`node_count`, N = 3, 16 partitions, nothing bound.
inline topology::ClusterMap SmallMap(int node_count = 3) {
  topology::NewCluster cluster{.cluster_id = "c1", .partition_count = 16};
  for (int i = 1; i <= node_count; ++i) {
    topology::Node node;
    node.id = absl::StrCat("n", i);
    node.address = absl::StrCat("127.0.0.1:", 7000 + i);
    cluster.nodes.push_back(std::move(node));
  }
  return topology::MakeFirstMap(cluster).value();
}

// Thread-safe. Callbacks run on the thread that makes the change.
class MemoryStore final : public topology::TopologyStore {
 public:
  explicit MemoryStore(std::optional<topology::ClusterMap> map) : map_(std::move(map)) {}

  absl::StatusOr<topology::ClusterMap> Read() override {
    base::MutexLock lock(mutex_);
    if (!map_.has_value()) return absl::NotFoundError("no map");
    return *map_;
  }
  absl::Status Create(const topology::ClusterMap& map) override {
    Publish(map);
    return absl::OkStatus();
  }
  absl::Status CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) override {
    std::function<void()> before_set;
    {
      base::MutexLock lock(mutex_);
      std::swap(before_set, before_set_);
    }
    if (before_set) before_set();
    {
      base::MutexLock lock(mutex_);
      if (map_->epoch != expected_epoch) return absl::AbortedError("another epoch");
    }
    Publish(map);
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> Watch(
      topology::TopologyCallback callback) override {
    {
      base::MutexLock lock(mutex_);
      QC_CHECK(callback_ == nullptr);
      callback_ = callback;
    }
    if (const auto map = Read(); map.ok()) callback(map);
    return std::make_unique<EndWatch>(this);
  }

  absl::StatusOr<std::unique_ptr<topology::TopologyLease>> TryAcquireLease(
      absl::string_view holder) override {
    base::MutexLock lock(mutex_);
    if (has_lease_) return topology::LeaseHeldError(holder_, "memory");
    has_lease_ = true;
    holder_ = std::string(holder);
    return std::make_unique<Lease>(this);
  }

  // What any process may do.
  void Publish(const topology::ClusterMap& map) {
    topology::TopologyCallback callback;
    {
      base::MutexLock lock(mutex_);
      map_ = map;
      callback = callback_;
    }
    if (callback) callback(map);
  }
  // Runs once, before the next CompareAndSet compares: another process that is faster.
  void BeforeNextSet(std::function<void()> action) {
    base::MutexLock lock(mutex_);
    before_set_ = std::move(action);
  }

 private:
  class EndWatch final : public topology::TopologyWatch {
   public:
    explicit EndWatch(MemoryStore* store) : store_(store) {}
    ~EndWatch() override {
      base::MutexLock lock(store_->mutex_);
      store_->callback_ = nullptr;
    }
    absl::Duration Age() const override { return absl::ZeroDuration(); }

   private:
    MemoryStore* store_;
  };

  class Lease final : public topology::TopologyLease {
   public:
    explicit Lease(MemoryStore* store) : store_(store) {}
    ~Lease() override {
      base::MutexLock lock(store_->mutex_);
      store_->has_lease_ = false;
    }
    bool held() const override { return true; }

   private:
    MemoryStore* store_;
  };

  base::Mutex mutex_;
  bool has_lease_ ABSL_GUARDED_BY(mutex_) = false;
  std::string holder_ ABSL_GUARDED_BY(mutex_);
  std::optional<topology::ClusterMap> map_ ABSL_GUARDED_BY(mutex_);
  topology::TopologyCallback callback_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> before_set_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorumcache::topology
