// SPDX-License-Identifier: Apache-2.0
// Replayer: plays accesses to objects against a cache, look-aside: GET; on a miss, SET.
//
// Accesses of different objects overlap, those of one object are made one after the other, in the
// order of the trace: an access that comes while the object's earlier one is still under way waits
// for it. So what overlaps does not change what is found: in a cache that loses nothing, exactly
// the first access to each object misses, and the hit ratio is 1 - distinct / accesses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "cli/error_counts.h"
#include "cli/latency_recorder.h"
#include "client/pipeline.h"

namespace quorumcache::cli {

struct ReplayOptions {
  // Accesses under way or waiting for their object.
  size_t outstanding_max = 256;
  std::string name_space;
  // In front of every object's key.
  std::string key_prefix;
  // The value of an object.
  std::function<std::string(uint32_t object)> value;
};

struct ReplayCounts {
  uint64_t accesses = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  // Objects seen so far.
  uint64_t distinct = 0;
  // Accesses that had to wait for an earlier one of their object.
  uint64_t waited = 0;
};

// Where operations go: a client::Pipeline, but in tests.
class OperationSink {
 public:
  virtual ~OperationSink() = default;
  // To be filled in at once.
  virtual v1::PipelineOperation& Add(uint64_t id) = 0;
};

// Thread-compatible.
class Replayer final : public client::PipelineHandler {
 public:
  // Both must outlive it. `now_nanos` is monotonic.
  Replayer(ReplayOptions options, OperationSink& sink, std::function<int64_t()> now_nanos);

  // Whether another access may begin.
  bool HasRoom() const { return pending_ < options_.outstanding_max; }
  // Requires: HasRoom.
  void Access(uint32_t object);
  // All accesses are finished.
  bool Idle() const { return pending_ == 0; }

  void OnResult(v1::PipelineResult& result) override;

  const ReplayCounts& counts() const { return counts_; }
  const LatencyRecorder& gets() const { return gets_; }
  const LatencyRecorder& sets() const { return sets_; }
  const ErrorCounts& errors() const { return errors_; }

 private:
  struct Object {
    // Accesses behind the one under way.
    uint32_t waiting = 0;
    bool busy = false;
    int64_t sent_nanos = 0;
  };

  // The ids of operations: object * 2, + 1 for a SET; an object has one operation under way at
  // most.
  static uint64_t GetId(uint32_t object) { return uint64_t{object} * 2; }
  static uint64_t SetId(uint32_t object) { return uint64_t{object} * 2 + 1; }
  std::string KeyOf(uint32_t object) const;

  void SendGet(uint32_t object, Object& state);
  void SendSet(uint32_t object, Object& state);
  // One access is over, whatever came of it.
  void Finish(uint32_t object, Object& state);

  const ReplayOptions options_;
  OperationSink& sink_;
  const std::function<int64_t()> now_nanos_;
  // Every object seen: what is idle is kept, to count distinct ones.
  absl::flat_hash_map<uint32_t, Object> objects_;
  size_t pending_ = 0;
  ReplayCounts counts_;
  LatencyRecorder gets_;
  LatencyRecorder sets_;
  ErrorCounts errors_;
};

}  // namespace quorumcache::cli
