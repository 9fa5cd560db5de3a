// SPDX-License-Identifier: Apache-2.0
// TestMutations: planted bugs. A simulator that does not find them proves nothing
// (docs/TESTING.md#mutations).
#pragma once

namespace quorumcache::replica {

// All false in every binary; set by tests only. Each breaks one rule of docs/PROTOCOL.md. Value.
struct TestMutations {
  // Replies leave before the change is in the engine; the next Apply writes it. A restart loses it.
  bool reply_before_persist = false;
  // Promises live in memory only.
  bool forget_promise_at_restart = false;
  // Accept of a record with no changes in its lineage looks at A and F only.
  bool ignore_promise_on_blind_write = false;
  // Accept looks at P and F only: an older record may replace a newer one.
  bool ignore_accepted = false;
  // `previous` is never kept, so a replica cannot say that a ballot never took part.
  bool forget_previous = false;
  // Lineages are dropped when a record is stored.
  bool forget_lineage = false;
  // `next` of an Accept is not promised.
  bool ignore_next = false;
  // Requests of lower epochs are obeyed.
  bool no_fence = false;
  // A higher epoch is obeyed, but not written down.
  bool fence_not_persisted = false;
  // Ballots of epochs below the partition's ballot floor epoch are accepted.
  bool no_ballot_floor = false;
  // Hints and repairs skip the promise, too.
  bool repair_ignores_promise = false;
  // Ballots at or below the floor are accepted.
  bool ignore_floor = false;
  // Garbage goes without the floor having been raised.
  bool drop_without_floor = false;
  // A record that fails its checksum reads as absent.
  bool corrupt_reads_as_absent = false;
  // A failed write is answered like one that succeeded.
  bool ignore_write_error = false;
  // Clocks that are ahead are believed.
  bool no_clock_skew_check = false;
};

}  // namespace quorumcache::replica
