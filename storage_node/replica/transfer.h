// SPDX-License-Identifier: Apache-2.0
// What a replica is asked, and answers, while a partition moves: docs/PROTOCOL.md#moving.
//
// The joiner of a slot pulls pages from the holder (or, where that is dead, from a majority of the
// slots), and merges them. A pull carries the partition's epoch, which the source writes down
// before it serves a byte: pulling is fencing. Replica does all of it; joiner.h and dropper.h say
// when.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/model/ballot.h"
#include "common/model/replica_message.h"
#include "storage_node/replica/acceptor.h"
#include "storage_node/replica/meta_codec.h"

namespace quorumcache::replica {

struct PullRequest {
  uint32_t partition = 0;
  // Of the partition's entry in the joiner's map.
  uint32_t epoch = 0;
  uint32_t ballot_floor_epoch = 0;
  // Of the node that is asked.
  uint64_t incarnation = 0;
  // Engine key behind which to go on; empty: the partition's beginning.
  std::string after;
  // 0: as many as one page may have.
  uint32_t size_bytes_max = 0;
  friend bool operator==(const PullRequest&, const PullRequest&) = default;
};

struct PullReply {
  // kOk, or why there is no page: kWrongNode, kStaleEpoch, kUnavailable, kCorrupt; the shell adds
  // kLost and kNotSent.
  model::ReplyStatus status = model::ReplyStatus::kOk;
  std::string message;
  // Encoded (transfer_page.h).
  std::string page;
};

// One page to be merged into the copy that is being made.
struct ImportRequest {
  uint32_t partition = 0;
  // Of the join: the entry's ballot_floor_epoch.
  uint32_t join_id = 0;
  // Of the node that the page is from.
  uint64_t source = 0;
  // The page is from the slot's own holder, whose place the joiner takes; otherwise from another
  // slot, and `previous` of what comes from there is not known here.
  bool same_slot = false;
  // The copy is whole when so many sources have been merged to their end.
  uint32_t sources_needed = 1;
  std::string page;
};

struct ImportResult {
  // OK, also where the copy is whole already. kCorrupt: the page; kInvalid: it is not the next one
  // of its source, or not of the join under way; kDiskFull, kIo, ...
  absl::Status status;
  // Where the copy stands now.
  bool complete = false;
  JoinProgress progress;
};

// How one join of this replica stands.
struct JoinState {
  uint32_t partition = 0;
  uint32_t join_id = 0;
  bool complete = false;
  // Merged so far by this process.
  uint64_t keys = 0;
  uint64_t size_bytes = 0;
  friend bool operator==(const JoinState&, const JoinState&) = default;
};

// A step of forgetting a partition that has left.
struct DropProgress {
  absl::Status status;
  bool complete = false;
  uint64_t dropped = 0;
};

// One side of a merge: what somebody has of a key.
struct MergeSide {
  Acceptor acceptor;
  // Encoded; empty: none. Borrowed.
  absl::string_view record;
};

// What becomes of a key of which the joiner has `ours` and a page brings `theirs`: the record of
// the higher A, the higher P, and as `previous` the highest ballot below A that is known to have
// been held. From another slot (`same_slot` false) nothing is known of what this slot has held
// below the record, so `previous` is the record's own ballot: it attests nothing.
MergeSide Merge(const MergeSide& ours, const MergeSide& theirs, bool same_slot);

}  // namespace quorumcache::replica
