// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/mutations.h"

#include <vector>

namespace quorumcache::sim {
namespace {

using quorum::Mutant;

NamedMutation OfCoordinator(const char* name, uint64_t budget, Mutant mutant, Aim aim = Aim::kAny) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.aim = aim;
  mutation.options.mutant = mutant;
  return mutation;
}

NamedMutation OfReplica(const char* name, uint64_t budget, bool replica::TestMutations::*flag,
                        Aim aim = Aim::kAny) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.aim = aim;
  mutation.options.replica_mutations.*flag = true;
  return mutation;
}

NamedMutation OfShell(const char* name, uint64_t budget, bool SimOptions::*flag,
                      Aim aim = Aim::kAny) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.aim = aim;
  mutation.options.*flag = true;
  return mutation;
}

NamedMutation OfDriver(const char* name, uint64_t budget, rebalance::DriverMutant mutant) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.aim = Aim::kTopology;
  mutation.options.driver_mutant = mutant;
  return mutation;
}

// Budgets, here and below, are some ten times what each was seen to need.
std::vector<NamedMutation> OfOperations() {
  using R = replica::TestMutations;
  return {
      OfCoordinator("last_yes_is_not_looked_at", 10'000, Mutant::kLastYesIsNotLookedAt),
      OfCoordinator("count_replies_not_yeses", 1'000, Mutant::kCountRepliesNotYeses),
      OfCoordinator("read_one_replica", 1'000, Mutant::kReadOneReplica),
      OfCoordinator("answer_before_write_back", 1'000, Mutant::kAnswerBeforeWriteBack),
      OfCoordinator("restamp_without_proof", 10'000, Mutant::kRestampWithoutProof, Aim::kCollision),
      OfCoordinator("attest_without_previous", 10'000, Mutant::kAttestWithoutPrevious,
                    Aim::kCollision),
      OfCoordinator("attest_blind_only", 10'000, Mutant::kAttestBlindOnly),
      OfCoordinator("attest_without_lineage", 200'000, Mutant::kAttestWithoutLineage,
                    Aim::kCollision),
      OfCoordinator("superseded_is_success", 1'000, Mutant::kSupersededIsSuccess),
      OfCoordinator("retry_without_lineage", 1'000, Mutant::kRetryWithoutLineage),
      OfCoordinator("uncovered_means_never", 10'000, Mutant::kUncoveredMeansNever),
      OfCoordinator("unsealed_false_condition", 1'000, Mutant::kUnsealedFalseCondition),
      OfCoordinator("cached_ballot_after_refusal", 100'000, Mutant::kCachedBallotAfterRefusal),
      OfCoordinator("over_without_majority", 200'000, Mutant::kOverWithoutMajority),
      OfCoordinator("expiry_by_local_clock", 50'000, Mutant::kExpiryByLocalClock, Aim::kTimeToLive),
      OfCoordinator("expired_read_ignores_promise", 50'000, Mutant::kExpiredReadIgnoresPromise,
                    Aim::kTimeToLive),
      OfCoordinator("refusal_means_never_accepted", 200'000, Mutant::kRefusalMeansNeverAccepted,
                    Aim::kDoubles),
      OfCoordinator("base_from_first_promise", 1'000, Mutant::kBaseFromFirstPromise),
      OfCoordinator("etag_is_the_ballot", 1'000, Mutant::kEtagIsTheBallot),
      OfCoordinator("slot_by_one_of_pair", 1'000, Mutant::kSlotByOneOfPair),
      OfReplica("reply_before_persist", 1'000, &R::reply_before_persist),
      OfReplica("forget_promise_at_restart", 1'000, &R::forget_promise_at_restart),
      OfReplica("ignore_promise_on_blind_write", 10'000, &R::ignore_promise_on_blind_write),
      // Where members change, Merge itself aborts on what this leaves behind.
      OfReplica("ignore_accepted", 1'000, &R::ignore_accepted, Aim::kBlindDuel),
      OfReplica("forget_previous", 50'000, &R::forget_previous),
      OfReplica("forget_lineage", 1'000, &R::forget_lineage),
      OfReplica("ignore_next", 50'000, &R::ignore_next),
      OfReplica("ignore_write_error", 50'000, &R::ignore_write_error),
      OfReplica("forget_clock_at_restart", 100'000, &R::forget_clock_at_restart, Aim::kRestarts),
      OfReplica("no_clock_skew_check", 1'000, &R::no_clock_skew_check),
      OfReplica("corrupt_reads_as_absent", 5'000, &R::corrupt_reads_as_absent, Aim::kLoss),
      OfShell("wiped_node_keeps_identity", 2'000, &SimOptions::wiped_node_keeps_identity,
              Aim::kLoss),
      OfShell("rolled_back_node_keeps_identity", 5'000,
              &SimOptions::rolled_back_node_keeps_identity, Aim::kLoss),
      OfShell("starts_over_afresh", 50'000, &SimOptions::starts_over_afresh),
      OfReplica("drop_without_floor", 2'000, &R::drop_without_floor, Aim::kForgetting),
      OfReplica("floor_is_forgotten", 200'000, &R::floor_is_forgotten, Aim::kForgetting),
      OfReplica("ignore_floor", 2'000, &R::ignore_floor, Aim::kForgetting),
      OfShell("garbage_of_majority", 2'000, &SimOptions::garbage_of_majority, Aim::kForgetting),
      OfShell("garbage_without_confirm", 50'000, &SimOptions::garbage_without_confirm,
              Aim::kForgetting),
  };
}

std::vector<NamedMutation> OfMoves() {
  using R = replica::TestMutations;
  return {
      OfCoordinator("moving_slot_by_one_of_pair", 1'000, Mutant::kSlotByOneOfPair, Aim::kTopology),
      OfReplica("no_fence", 1'000, &R::no_fence, Aim::kTopology),
      OfReplica("fence_not_persisted", 10'000, &R::fence_not_persisted, Aim::kTopology),
      OfReplica("pull_does_not_fence", 5'000, &R::pull_does_not_fence, Aim::kTopology),
      OfReplica("import_overwrites", 5'000, &R::import_overwrites, Aim::kTopology),
      OfReplica("import_completes_early", 20'000, &R::import_completes_early, Aim::kTopology),
      OfShell("one_source_for_a_dead_node", 20'000, &SimOptions::one_source_for_a_dead_node,
              Aim::kTopology),
      OfReplica("repair_to_joiner", 5'000, &R::repair_to_joiner, Aim::kMoveForgetting),
      OfReplica("joiner_without_map", 100'000, &R::joiner_without_map, Aim::kReturn),
      OfReplica("serve_incomplete_copy", 5'000, &R::serve_incomplete_copy, Aim::kMoveForgetting),
      OfReplica("import_forgets_promises", 1'000, &R::import_forgets_promises, Aim::kMoveExpiry),
      OfReplica("import_forgets_clock", 2'000, &R::import_forgets_clock, Aim::kMoveExpiry),
      OfReplica("import_forgets_floor", 20'000, &R::import_forgets_floor, Aim::kMoveForgetting),
      OfReplica("join_keeps_leftovers", 150'000, &R::join_keeps_leftovers, Aim::kMoveForgetting),
      OfReplica("garbage_ignores_epoch", 50'000, &R::garbage_ignores_epoch, Aim::kMoveForgetting),
      OfShell("garbage_while_moving", 50'000, &SimOptions::garbage_while_moving,
              Aim::kMoveForgetting),
      OfDriver("cut_over_unasked", 1'000, rebalance::DriverMutant::kCutOverUnasked),
      OfDriver("cut_over_on_any_join", 200'000, rebalance::DriverMutant::kCutOverOnAnyJoin),
  };
}

std::vector<NamedMutation> MakeAll() {
  std::vector<NamedMutation> all = OfOperations();
  for (const NamedMutation& mutation : OfMoves()) all.push_back(mutation);
  return all;
}

}  // namespace

std::span<const NamedMutation> AllMutations() {
  static const auto* all = new std::vector<NamedMutation>(MakeAll());
  return *all;
}

const NamedMutation* FindMutation(absl::string_view name) {
  for (const NamedMutation& mutation : AllMutations()) {
    if (name == mutation.name) return &mutation;
  }
  return nullptr;
}

}  // namespace quorumcache::sim
