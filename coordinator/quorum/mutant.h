// SPDX-License-Identifier: Apache-2.0
// Mutant: one planted bug, switched on by tests only, to prove that the simulator's checkers find
// it.
//
// Each is a rule of docs/PROTOCOL.md left out. Release code carries kNone and pays one predictable
// compare, off the hot path wherever the rule itself is. docs/TESTING.md says how to add one.
#pragma once

#include <cstdint>

namespace quorumcache::quorum {

enum class Mutant : uint8_t {
  kNone,
  kLastYesIsNotLookedAt,       // a write that has heard all, a yes last, waits for its deadline
  kCountRepliesNotYeses,       // a refusal counts towards the majority of a write
  kReadOneReplica,             // QUORUM reads answer from the first reply
  kAnswerBeforeWriteBack,      // a read answers the highest record before a majority holds it
  kRestampWithoutProof,        // a refused Set is written again without looking
  kAttestWithoutPrevious,      // A > b counts as "b never took part here"
  kAttestWithoutLineage,       // ... and so does a record that holds the operation's id
  kAttestBlindOnly,            // the Accept of a change needs no attestation
  kSupersededIsSuccess,        // a Set refused by a higher ballot is reported as applied
  kRetryWithoutLineage,        // a refused conditional operation is done again without looking
  kUncoveredMeansNever,        // a lineage that does not reach back counts as "did not happen"
  kUnsealedFalseCondition,     // a false condition is answered without an Accept after one was sent
  kCachedBallotAfterRefusal,   // a ballot promised in advance is used again after a refusal
  kOverWithoutMajority,        // an Accept counts as over while a minority may still hold it
  kExpiryByLocalClock,         // expiry is judged without the replicas' clocks
  kExpiredReadIgnoresPromise,  // "expired" is answered while a change of the record is under way
  kRefusalMeansNeverAccepted,  // any refusal counts as proof that an Accept was never taken
  kBaseFromFirstPromise,       // a change starts from the first record that is promised
  kEtagIsTheBallot,            // a read tells the ballot of the record, not of its last change
  kSlotByOneOfPair,            // a moving slot says yes when one of its two nodes does
};

}  // namespace quorumcache::quorum
