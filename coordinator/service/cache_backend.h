// SPDX-License-Identifier: Apache-2.0
// CacheBackend: the one interface behind every door (gRPC unary, Multi*, Pipeline, HTTP).
//
// A door parses and validates its own format, fills a CacheRequest, and turns the CacheResponse
// back. Everything that the doors must agree on (limits, defaults, error reasons, outcomes) is
// decided behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/model/consistency.h"

namespace quorumcache::service {

enum class OperationKind : uint8_t { kGet, kSet, kDelete, kTouch, kIncrement, kCompareAndSet };
inline constexpr int kOperationKindCount = 6;

// When a written value expires, as the client said it.
struct Expiration {
  enum class Kind : uint8_t { kNever, kTtl, kAt };
  Kind kind = Kind::kNever;
  // kTtl: more than 0, at most limits::kTtlSecondsMax. kAt: milliseconds since the Unix epoch.
  int64_t millis = 0;
};

enum class ConditionKind : uint8_t { kNone, kIfAbsent, kIfPresent, kIfEtag };

// Who asks, for the slow log. Immutable value.
struct Caller {
  std::string peer;
  // X-Request-Id.
  std::string request_id;
};

// One operation on one key. Value; unused fields are ignored.
struct CacheRequest {
  OperationKind kind = OperationKind::kGet;
  // "" means "default".
  std::string namespace_name;
  std::string key;
  std::string value;
  std::string content_type;
  Expiration expiration;
  model::Consistency consistency = model::Consistency::kUnspecified;
  model::Durability durability = model::Durability::kUnspecified;
  ConditionKind condition = ConditionKind::kNone;
  std::string etag;  // of kIfEtag and kCompareAndSet
  bool keep_ttl = false;
  bool return_previous = false;
  int64_t delta = 0;
  int64_t initial = 0;
  std::string request_id;  // UUID or ""
  std::string first;       // from the error that said `unknown`, or ""
  // Zero: the server's default. Above the server's maximum: the maximum.
  absl::Duration timeout;
  // nullptr: the door tells it where it is wanted (ResponseSink::CallerOf).
  std::shared_ptr<const Caller> caller;
};

// Why an operation failed: api words, the same through every door. code kOk: it did not.
struct CacheError {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;   // UPPER_SNAKE_CASE
  std::string message;  // what happened, what was not done, what to do next
  // True: "unknown", the change may have happened. False: "not_applied".
  bool outcome_unknown = false;
  std::optional<absl::Duration> retry_after;
  // More for ErrorInfo: "etag" (ETAG_MISMATCH, KEY_EXISTS), "first" (OUTCOME_UNKNOWN), "acked",
  // "required".
  std::map<std::string, std::string> metadata;

  bool ok() const { return code == absl::StatusCode::kOk; }
};

struct PreviousValue {
  bool found = false;
  std::string value;
  std::string etag;
};

struct CacheResponse {
  CacheError error;
  // Get, Touch: a live value is there.
  bool found = false;
  std::string value;
  std::string content_type;
  std::string etag;
  // Milliseconds since the Unix epoch; 0: never.
  uint64_t expire_at_ms = 0;
  // Set, Delete: a live value was replaced (HTTP 204, not 201).
  bool replaced = false;
  std::optional<PreviousValue> previous;
  int64_t number = 0;
  uint32_t required = 0;
  uint32_t responded = 0;
};

struct ScanRequest {
  std::string namespace_name;
  std::string prefix;
  // Entries in this page at most; 1 to limits::kBatchKeysMax.
  uint32_t page_size = 100;
  // Opaque, from the previous page; "": from the beginning.
  std::string page_token;
  bool include_values = false;
  absl::Duration timeout;
};

struct ScanEntry {
  std::string key;
  std::string value;
  std::string content_type;
  std::string etag;
  uint64_t expire_at_ms = 0;
};

struct ScanPage {
  CacheError error;
  std::vector<ScanEntry> entries;
  // "" at the end.
  std::string next_page_token;
};

// What one replica says it holds of a key.
struct ReplicaView {
  std::string node_id;
  std::string address;
  std::string zone;
  std::string error;  // not empty: it did not answer, and why
  bool found = false;
  bool tombstone = false;
  std::string etag;
  uint64_t expire_at_ms = 0;
  uint64_t value_size_bytes = 0;
};

struct KeyLocation {
  CacheError error;
  uint64_t token = 0;
  uint32_t partition = 0;
  uint64_t partition_epoch = 0;
  std::vector<ReplicaView> replicas;
};

struct NodeView {
  std::string id;
  std::string address;
  std::string zone;
  uint32_t weight = 0;
  uint64_t incarnation = 0;
  bool up = false;
  uint32_t partition_count = 0;
};

struct SlotView {
  std::vector<std::string> nodes;
  bool vacant = false;
};

struct PartitionView {
  uint64_t epoch = 0;
  std::vector<SlotView> slots;
};

struct NamespaceView {
  std::string name;
  model::Consistency default_consistency = model::Consistency::kQuorum;
};

struct ClusterView {
  std::string cluster_id;
  uint64_t epoch = 0;
  uint32_t replication_factor = 0;
  std::vector<NodeView> nodes;
  std::vector<PartitionView> partitions;
  std::vector<NamespaceView> namespaces;
};

// One operation that took longer than it should; cluster.proto says what the fields mean. Value.
struct SlowOperation {
  uint64_t ended_at_ms = 0;
  std::string operation;
  std::string namespace_name;
  // model::AbbreviatedKey.
  std::string key;
  uint64_t token = 0;
  model::Consistency consistency = model::Consistency::kUnspecified;
  absl::Duration duration;
  uint32_t rounds = 0;
  uint32_t attempts = 1;
  // "": it succeeded.
  std::string reason;
  bool outcome_unknown = false;
  uint32_t required = 0;
  uint32_t responded = 0;
  std::vector<std::string> awaited_nodes;
  std::string peer;
  std::string request_id;

  absl::string_view outcome() const {
    if (reason.empty()) return "ok";
    return outcome_unknown ? "unknown" : "not_applied";
  }
};

struct SlowLogRequest {
  // The newest so many; 0: all that are kept.
  uint32_t limit = 0;
  // Forget all afterwards.
  bool reset = false;
};

struct SlowLogView {
  std::string coordinator;
  // Infinite: the log is off.
  absl::Duration threshold;
  // Since the start.
  uint64_t total = 0;
  // Newest first.
  std::vector<SlowOperation> operations;
};

// Thread-safe: doors call from their own threads. Callbacks run on the coordinator's event loop and
// must not block; each is called exactly once, also at shutdown.
class CacheBackend {
 public:
  virtual ~CacheBackend() = default;
  virtual void Submit(CacheRequest request, std::function<void(CacheResponse)> done) = 0;
  virtual void Scan(ScanRequest request, std::function<void(ScanPage)> done) = 0;
  virtual void Locate(std::string namespace_name, std::string key,
                      std::function<void(KeyLocation)> done) = 0;
  virtual void DescribeCluster(std::function<void(ClusterView)> done) = 0;
  virtual void ReadSlowLog(SlowLogRequest request, std::function<void(SlowLogView)> done) = 0;
  // A map is known and enough nodes answer for every partition to have a quorum. `details` gets one
  // line a fact.
  virtual bool Ready(std::vector<std::string>* details) = 0;
};

}  // namespace quorumcache::service
