// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/mutations.h"

#include <vector>

namespace quorumcache::sim {
namespace {

using quorum::Mutant;

NamedMutation OfCoordinator(const char* name, uint64_t budget, Mutant mutant) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.mutant = mutant;
  return mutation;
}

NamedMutation OfReplica(const char* name, uint64_t budget, bool replica::TestMutations::*flag) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.replica_mutations.*flag = true;
  return mutation;
}

NamedMutation WipedIdentity(const char* name, uint64_t budget) {
  NamedMutation mutation{name, budget, {}};
  mutation.options.wiped_node_keeps_identity = true;
  return mutation;
}

// Budgets are some ten times what each was seen to need.
std::vector<NamedMutation> MakeAll() {
  using R = replica::TestMutations;
  return {
      OfCoordinator("count_replies_not_yeses", 10'000, Mutant::kCountRepliesNotYeses),
      OfCoordinator("read_one_replica", 10'000, Mutant::kReadOneReplica),
      OfCoordinator("answer_before_write_back", 10'000, Mutant::kAnswerBeforeWriteBack),
      OfCoordinator("restamp_without_proof", 100'000, Mutant::kRestampWithoutProof),
      OfCoordinator("attest_without_previous", 100'000, Mutant::kAttestWithoutPrevious),
      OfCoordinator("attest_without_lineage", 100'000, Mutant::kAttestWithoutLineage),
      OfCoordinator("superseded_is_success", 10'000, Mutant::kSupersededIsSuccess),
      OfCoordinator("retry_without_lineage", 10'000, Mutant::kRetryWithoutLineage),
      OfCoordinator("uncovered_means_never", 100'000, Mutant::kUncoveredMeansNever),
      OfCoordinator("unsealed_false_condition", 100'000, Mutant::kUnsealedFalseCondition),
      OfCoordinator("cached_ballot_after_refusal", 100'000, Mutant::kCachedBallotAfterRefusal),
      OfCoordinator("expiry_by_local_clock", 10'000, Mutant::kExpiryByLocalClock),
      OfCoordinator("expired_read_ignores_promise", 100'000, Mutant::kExpiredReadIgnoresPromise),
      OfCoordinator("slot_by_one_of_pair", 100'000, Mutant::kSlotByOneOfPair),
      OfReplica("reply_before_persist", 10'000, &R::reply_before_persist),
      OfReplica("forget_promise_at_restart", 100'000, &R::forget_promise_at_restart),
      OfReplica("ignore_promise_on_blind_write", 10'000, &R::ignore_promise_on_blind_write),
      OfReplica("ignore_accepted", 10'000, &R::ignore_accepted),
      OfReplica("forget_previous", 100'000, &R::forget_previous),
      OfReplica("forget_lineage", 10'000, &R::forget_lineage),
      OfReplica("ignore_next", 10'000, &R::ignore_next),
      OfReplica("ignore_write_error", 10'000, &R::ignore_write_error),
      OfReplica("no_clock_skew_check", 10'000, &R::no_clock_skew_check),
      WipedIdentity("wiped_node_keeps_identity", 10'000),
  };
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
