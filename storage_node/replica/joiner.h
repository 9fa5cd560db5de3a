// SPDX-License-Identifier: Apache-2.0
// Joiner: copies to this node the partitions of which the map says that it joins them.
//
// A joiner needs nobody to drive it: it sees its tasks in the map, pulls pages from the sources
// and has them merged, one page of a partition at a time. What has been merged is on the disk with
// the cursor of the next page (Replica::Import), so a restart goes on where it was, and any step
// may be done twice. Protocol: docs/PROTOCOL.md#moving.
//
// Pure: no threads, clock, gRPC or logging; time arrives as an argument, intent leaves as Actions.
//
//   per partition: kWaiting -> pull -> kPulling -> page -> kImporting -> kWaiting ... -> kDone
//                  any failure -> kWaiting, later and with the next source, if there is a choice
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/time.h"
#include "storage_node/replica/assignments.h"
#include "storage_node/replica/transfer.h"

namespace quorumcache::replica {

struct JoinerOptions {
  // Partitions copied at once.
  uint32_t streams_max = 4;
  // Of all together, averaged over pages; 0: as fast as it goes.
  uint64_t bytes_per_second = 0;
  // Clients of the source and of this node wait while a page is read and merged: about half a
  // millisecond each.
  uint32_t page_size_bytes_max = 64 << 10;
  absl::Duration backoff_min = absl::Milliseconds(20);
  absl::Duration backoff_max = absl::Seconds(2);
};

// Thread-compatible.
class Joiner {
 public:
  // To be sent; `id` comes back with the answer.
  struct Pull {
    uint64_t id = 0;
    NodeRef source;
    PullRequest request;
  };
  // To be done by Replica::Import.
  struct Import {
    uint64_t id = 0;
    ImportRequest request;
  };
  // Each gets exactly one answer.
  struct Actions {
    std::vector<Pull> pulls;
    std::vector<Import> imports;
  };

  explicit Joiner(const JoinerOptions& options) : options_(options) {}

  // What the map says now (JoinTasksOf); tasks not named any more are given up, and a new join
  // begins anew.
  [[nodiscard]] Actions OnTasks(const std::vector<JoinTask>& tasks, base::MonotonicTime now);
  // Answers to actions; those of joins given up are ignored.
  [[nodiscard]] Actions OnPage(uint64_t id, PullReply reply, base::MonotonicTime now);
  [[nodiscard]] Actions OnImported(uint64_t id, const ImportResult& result,
                                   base::MonotonicTime now);
  // Call when wake_at() has passed; too early is harmless.
  [[nodiscard]] Actions OnTimer(base::MonotonicTime now);
  base::MonotonicTime wake_at() const;

  void set_bytes_per_second(uint64_t bytes_per_second) {
    options_.bytes_per_second = bytes_per_second;
  }
  // Joins that are not complete, and why the last pull or merge of one has failed ("" if none has).
  size_t joins_left() const;
  const std::string& last_error() const { return last_error_; }

 private:
  enum class Phase : uint8_t { kWaiting, kPulling, kImporting, kDone };
  struct Stream {
    JoinTask task;
    Phase phase = Phase::kWaiting;
    // Of the pull or import under way.
    uint64_t id = 0;
    // Into task.sources.
    size_t source = 0;
    absl::Duration backoff;
    base::MonotonicTime not_before;
  };

  Stream* Find(uint64_t id, Phase phase);
  Stream MakeStream(const JoinTask& task, base::MonotonicTime now) const;
  // Starts what may start.
  void Start(base::MonotonicTime now, Actions* actions);
  void StartPull(Stream* stream, Actions* actions);
  void Retry(Stream* stream, absl::string_view error, base::MonotonicTime now);
  // The next source that is not done, beginning with the stream's own.
  static void PickSource(Stream* stream);
  static const SourceCursor* CursorOf(const Stream& stream, const NodeRef& source);
  size_t Busy() const;

  JoinerOptions options_;
  // By partition.
  std::map<uint32_t, Stream> streams_;
  uint64_t last_id_ = 0;
  // Bandwidth: no pull before it.
  base::MonotonicTime paced_until_;
  std::string last_error_;
};

}  // namespace quorumcache::replica
