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
  // Nodes that a partition is copied from go on obeying the epoch of before.
  bool pull_does_not_fence = false;
  // A joiner answers before it has seen the map that made it one.
  bool joiner_without_map = false;
  // A node that has not got all of a partition answers for it alone, and takes repairs.
  bool serve_incomplete_copy = false;
  // A join keeps what is left of an earlier stay.
  bool join_keeps_leftovers = false;
  // Promises are not copied.
  bool import_forgets_promises = false;
  // The source's clock is not copied.
  bool import_forgets_clock = false;
  // A record that comes from another slot keeps its `previous`.
  bool import_keeps_previous = false;
  // A page replaces what the joiner has been told since.
  bool import_overwrites = false;
  // The copy counts as whole after its first page.
  bool import_completes_early = false;
  // The source's floor is not copied.
  bool import_forgets_floor = false;
  // Hints and repairs go to a joiner before its copy is whole.
  bool repair_to_joiner = false;
  // Steps of garbage rounds of any epoch are obeyed.
  bool garbage_ignores_epoch = false;
  // Ballots of epochs below the partition's ballot floor epoch are accepted.
  bool no_ballot_floor = false;
  // Hints and repairs skip the promise, too.
  bool repair_ignores_promise = false;
  // Ballots at or below the floor are accepted.
  bool ignore_floor = false;
  // Replies give the floor for what is forgotten, before a round is confirmed.
  bool floor_is_forgotten = false;
  // Garbage goes without the floor having been raised.
  bool drop_without_floor = false;
  // A record that fails its checksum reads as absent.
  bool corrupt_reads_as_absent = false;
  // A failed write is answered like one that succeeded.
  bool ignore_write_error = false;
  // The clock starts from nothing, not from the bound that is kept on the disk.
  bool forget_clock_at_restart = false;
  // Clocks that are ahead are believed.
  bool no_clock_skew_check = false;
};

}  // namespace quorumcache::replica
