// SPDX-License-Identifier: Apache-2.0
// What a storage node's core costs per operation: replica and engine, without network.
//
// Time is per batch; `items_per_second` counts operations. Arguments: operations per batch. Values
// have 100 bytes, keys 16, as in docs/PERFORMANCE.md.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "common/base/check.h"
#include "common/base/random.h"
#include "common/hash/token.h"
#include "storage_node/engine/memory_engine.h"
#include "storage_node/engine_rocksdb/rocks_engine.h"
#include "storage_node/replica/replica.h"
#include "tests/support/temp_dir.h"

namespace quorumcache {
namespace {

constexpr uint64_t kIncarnation = 1;
constexpr uint32_t kPartitionCount = 256;
constexpr uint64_t kWallMs = 1'700'000'000'000;
constexpr int kKeyCount = 100'000;
constexpr size_t kValueSizeBytes = 100;

std::string KeyName(uint64_t number) {
  return absl::StrFormat("key-%012d", number);
}

// A node without its network: RocksDB in a temporary directory, or memory.
class Node {
 public:
  Node(bool on_disk, size_t cache_bytes) {
    if (on_disk) {
      auto opened =
          engine_rocksdb::RocksEngine::Open(dir_.File("db"), engine_rocksdb::RocksOptions());
      QC_CHECK(opened.ok());
      engine_ = *std::move(opened);
    } else {
      engine_ = std::make_unique<engine::MemoryEngine>();
    }
    replica::ReplicaOptions options;
    options.incarnation = kIncarnation;
    options.partition_count = kPartitionCount;
    options.cache_bytes_max = cache_bytes;
    auto replica = replica::Replica::Open(engine_.get(), options);
    QC_CHECK(replica.ok());
    replica_ = *std::move(replica);
    std::vector<replica::PartitionAssignment> assignments;
    for (uint32_t i = 0; i < kPartitionCount; ++i) assignments.push_back({i, 1, 0, true});
    QC_CHECK(replica_->Configure(assignments).ok());
    for (int i = 0; i < kKeyCount; i += 1000) FillThousand(i);
  }

  model::ReplicaRequest RequestFor(uint64_t number) {
    model::ReplicaRequest request;
    request.key = model::Key{model::kDefaultNamespace, KeyName(number)};
    request.partition = hash::PartitionOf(
        hash::TokenOf(request.key.namespace_name, request.key.bytes), kPartitionCount);
    request.epoch = 1;
    request.incarnation = kIncarnation;
    request.hlc = model::HlcFromMillis(kWallMs);
    return request;
  }
  model::ReplicaRequest SetOf(uint64_t number) {
    model::ReplicaRequest request = RequestFor(number);
    model::AcceptRequest accept;
    accept.ballot = NextBallot();
    accept.record.state = model::RecordState::kValue;
    accept.record.value = std::string(kValueSizeBytes, 'v');
    accept.record.lineage = model::Lineage::Blind(accept.ballot, std::nullopt);
    request.body = std::move(accept);
    return request;
  }
  model::Ballot NextBallot() { return {1, clock_.Next(kWallMs), 7}; }

  engine::Engine* engine() { return engine_.get(); }
  replica::Replica* replica() { return replica_.get(); }

 private:
  void FillThousand(uint64_t first) {
    std::vector<model::ReplicaRequest> requests;
    for (uint64_t i = 0; i < 1000; ++i) requests.push_back(SetOf(first + i));
    std::vector<model::ReplicaReply> replies;
    replica_->Apply(requests, kWallMs, &replies);
    QC_CHECK(replies.back().status == model::ReplyStatus::kOk);
  }

  support::TempDir dir_;
  model::HybridClock clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<replica::Replica> replica_;
};

// Batches of `size` requests for random keys, made outside of the time that is measured; for Sets,
// each batch gets fresh ballots.
template <typename MakeRequest>
void RunBatches(benchmark::State& state, Node* node, MakeRequest make) {
  base::Random random(1);
  std::vector<model::ReplicaRequest> requests;
  std::vector<model::ReplicaReply> replies;
  const int64_t size = state.range(0);
  for (int64_t i = 0; i < size; ++i) requests.push_back(make(random.Uniform(kKeyCount)));
  for (auto _ : state) {
    for (model::ReplicaRequest& request : requests) {
      if (auto* accept = std::get_if<model::AcceptRequest>(&request.body)) {
        accept->ballot = node->NextBallot();
        accept->record.lineage = model::Lineage::Blind(accept->ballot, std::nullopt);
      }
    }
    node->replica()->Apply(requests, kWallMs, &replies);
    QC_CHECK(replies.back().status == model::ReplyStatus::kOk);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * size);
}

void BM_ReplicaSet(benchmark::State& state, bool on_disk, size_t cache_bytes) {
  Node node(on_disk, cache_bytes);
  RunBatches(state, &node, [&](uint64_t number) { return node.SetOf(number); });
}

void BM_ReplicaGet(benchmark::State& state, bool on_disk, size_t cache_bytes, bool digest) {
  Node node(on_disk, cache_bytes);
  RunBatches(state, &node, [&](uint64_t number) {
    model::ReplicaRequest request = node.RequestFor(number);
    request.body = model::ReadRequest{digest};
    return request;
  });
}

void BM_RocksPut(benchmark::State& state) {
  Node node(/*on_disk=*/true, 0);
  base::Random random(1);
  engine::WriteBatch batch;
  const std::string value(kValueSizeBytes + 48, 'v');
  for (auto _ : state) {
    batch.Clear();
    for (int64_t i = 0; i < state.range(0); ++i) {
      batch.Put(engine::Family::kRecords, KeyName(random.Uniform(kKeyCount)), value);
    }
    QC_CHECK(node.engine()->Write(batch, /*fsync=*/false).ok());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
}

constexpr size_t kCacheBytes = size_t{256} << 20;
BENCHMARK_CAPTURE(BM_ReplicaSet, MemoryCached, false, kCacheBytes)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(BM_ReplicaSet, RocksCached, true, kCacheBytes)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(BM_ReplicaSet, RocksUncached, true, 0)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(BM_ReplicaGet, RocksCached, true, kCacheBytes, false)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(BM_ReplicaGet, RocksCachedDigest, true, kCacheBytes, true)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(BM_ReplicaGet, RocksUncached, true, 0, false)->Arg(1)->Arg(64);
BENCHMARK(BM_RocksPut)->Arg(1)->Arg(64);

}  // namespace
}  // namespace quorumcache

BENCHMARK_MAIN();
