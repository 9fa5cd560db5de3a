// SPDX-License-Identifier: Apache-2.0
// A whole storage node over a memory engine, and a coordinator's stream to it.
#pragma once

#include <grpcpp/create_channel.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/hash/token.h"
#include "common/model/hlc.h"
#include "gtest/gtest.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/service/storage_node.h"
#include "tests/common/rpc/stream_fixture.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::node_service {

using topology::MemoryStore;
using topology::SmallMap;

inline constexpr uint64_t kIncarnation = 7;

// The small map with n1 bound; n1 holds every partition of it (N = 3 of 3 nodes).
inline topology::ClusterMap BoundSmallMap() {
  topology::ClusterMap map = SmallMap();
  map.nodes[0].incarnation = kIncarnation;
  return map;
}

// Stops the engine thread at will, as a slow disk does; it says so, as RocksDB does of its stalls.
class SlowEngine final : public engine::MemoryEngine {
 public:
  absl::Status Write(const engine::WriteBatch& batch, bool fsync) override {
    base::MutexLock lock(mutex_);
    while (is_stuck_) {
      has_stuck_write_ = true;
      changed_.NotifyAll();
      changed_.Wait(mutex_);
    }
    return MemoryEngine::Write(batch, fsync);
  }
  void SetFull(bool is_full) {
    base::MutexLock lock(mutex_);
    SetDiskFull(is_full);
  }
  // Until somebody waits for a write. Requires: is stuck.
  void AwaitStuckWrite() {
    base::MutexLock lock(mutex_);
    while (!has_stuck_write_) changed_.Wait(mutex_);
  }
  bool WritesAreStalled() const override {
    base::MutexLock lock(mutex_);
    return is_stuck_;
  }
  void SetStuck(bool is_stuck) {
    base::MutexLock lock(mutex_);
    is_stuck_ = is_stuck;
    changed_.NotifyAll();
  }

 private:
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool is_stuck_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_stuck_write_ ABSL_GUARDED_BY(mutex_) = false;
};

class StorageNodeTest : public testing::Test {
 protected:
  StorageNodeTest() {
    replica::ReplicaOptions options;
    options.incarnation = kIncarnation;
    options.partition_count = 16;
    replica_ = replica::Replica::Open(&engine_, options).value();
  }
  ~StorageNodeTest() override {
    engine_.SetStuck(false);
    if (node_ != nullptr) node_->Stop();
    client_.reset();
    loop_->Drain();
  }

  void StartNode(ExchangeLimits limits = {}) {
    StorageNodeOptions options;
    options.listen = "127.0.0.1:0";
    options.http_port = 0;
    options.limits = limits;
    options.garbage = garbage_;
    node_ = StorageNode::Start(options, StorageNodeParts{.identity = {.cluster_id = "c1",
                                                                      .node_id = "n1",
                                                                      .incarnation = kIncarnation},
                                                         .partition_count = 16,
                                                         .replica = *replica_,
                                                         .engine = engine_,
                                                         .store = store_,
                                                         .clock = clock_,
                                                         .registry = registry_})
                .value();
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", node_->grpc_port()); }

  // Returns once the node executes what it is sent: its event loop hears a little after its status.
  void ConnectClient() {
    client_ = std::make_unique<rpc::BatchStreamClient>(*loop_, rpc::ClientOptions(address()));
    ASSERT_TRUE(rpc::TurnUntil({loop_.get()}, [&] { return client_->up(); }));
    while (replies_.Count(model::ReplyStatus::kOk) == 0) {
      ASSERT_EQ(Get(0, "probe"), model::ReplyStatus::kOk);
      ASSERT_TRUE(AwaitReplies(replies_.received.size() + 1));
    }
    replies_.received.clear();
  }

  wire::RequestHeader Header(absl::string_view key, uint32_t timeout_ms = 10'000) const {
    const hash::Token token = hash::TokenOf("default", key);
    return wire::RequestHeader{.partition = hash::PartitionOf(token, 16),
                               .epoch = 1,
                               .hlc = model::HlcFromMillis(clock_.Read().wall_ms),
                               .timeout_ms = timeout_ms,
                               .namespace_name = "default",
                               .key = key};
  }
  model::ReplyStatus Set(uint64_t operation, absl::string_view key, const std::string& value,
                         uint32_t timeout_ms = 10'000) {
    const wire::RequestHeader header = Header(key, timeout_ms);
    const model::Ballot ballot{.epoch = 1, .hlc = header.hlc + operation, .proposer = 1};
    const model::Record record{.state = model::RecordState::kValue,
                               .value = value,
                               .lineage = model::Lineage::Blind(ballot, std::nullopt)};
    return client_->Accept(header, {.ballot = ballot, .record = &record}, {operation}, replies_);
  }
  model::ReplyStatus Get(uint64_t operation, absl::string_view key, uint32_t timeout_ms = 10'000) {
    return client_->Read(Header(key, timeout_ms), model::ReadRequest{}, {operation}, replies_);
  }
  bool AwaitReplies(size_t count) {
    return rpc::TurnUntil({loop_.get()}, [&] { return replies_.received.size() >= count; });
  }

  // The value of a series, by its name and labels as in the text form.
  double MetricOf(const std::string& series) const {
    const std::string text = registry_.RenderText();
    const size_t at = text.find("\n" + series + " ");
    EXPECT_NE(at, std::string::npos) << series;
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }

  rpc::SystemClock clock_;
  transfer::GarbageSettings garbage_;
  std::unique_ptr<rpc::EventLoop> loop_ = rpc::MakeClientLoop(clock_);
  MemoryStore store_{BoundSmallMap()};
  metrics::Registry registry_;
  SlowEngine engine_;
  std::unique_ptr<replica::Replica> replica_;
  std::unique_ptr<StorageNode> node_;
  std::unique_ptr<rpc::BatchStreamClient> client_;
  rpc::Replies replies_;
};

}  // namespace quorumcache::node_service
