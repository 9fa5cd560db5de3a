// SPDX-License-Identifier: Apache-2.0
// LoadDoor: the way by which a benchmark's operations reach the cluster: one RPC each, or a
// pipeline.
//
// Both run on the caller's thread alone and reuse their messages: the load generator's CPU is part
// of the figure that is measured.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::cli {

enum class LoadKind : uint8_t {
  kGet,
  kSet,
  kIncrement,      // by one
  kCompareAndSet,  // of `etag`
};

struct LoadOperation {
  LoadKind kind = LoadKind::kGet;
  std::string key;
  std::string etag;
};

// How one operation ended.
struct LoadResult {
  // The number of a grpc::StatusCode; 0: it went well.
  int code = 0;
  absl::string_view reason;
  // Of a GET.
  bool found = false;
  // It failed, and may have been applied or may yet be.
  bool unknown = false;
  // Of a SET or compare-and-set that went well; valid until OnDone returns.
  absl::string_view etag;
};

class LoadHandler {
 public:
  // May call Start for the same slot, and for others that are free.
  virtual void OnDone(size_t slot, const LoadResult& result) = 0;

 protected:
  ~LoadHandler() = default;
};

struct DoorOptions {
  std::vector<std::string> endpoints;
  std::string name_space;
  v1::Consistency consistency = v1::CONSISTENCY_UNSPECIFIED;
  v1::Durability durability = v1::DURABILITY_UNSPECIFIED;
  size_t value_size = 100;
  size_t slot_count = 64;
  // Of one operation; 0: only the cluster's own.
  absl::Duration timeout;
};

// Thread-compatible.
class LoadDoor {
 public:
  virtual ~LoadDoor() = default;
  // Requires: slot < slot_count, and nothing is under way in it.
  virtual void Start(size_t slot, const LoadOperation& operation) = 0;
  // Sends what was started, waits up to `wait` for results and hands over all that are there.
  virtual void Poll(absl::Duration wait) = 0;
};

// Completion-queue API, one channel to each endpoint; the slots take turns among them. UNAVAILABLE:
// one cannot be reached.
// `handler` must outlive the door.
absl::StatusOr<std::unique_ptr<LoadDoor>> MakeUnaryDoor(const DoorOptions& options,
                                                        LoadHandler& handler);
std::unique_ptr<LoadDoor> MakePipelineDoor(const DoorOptions& options, LoadHandler& handler);

}  // namespace quorumcache::cli
