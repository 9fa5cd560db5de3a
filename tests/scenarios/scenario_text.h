// SPDX-License-Identifier: Apache-2.0
// The words of scenario files: ballots, records, sends and results as people read them.
//
// A ballot is `b100` (ours) or `x95` (somebody else's): HLC milliseconds, `+1` for a counter, `e2/`
// in front for an epoch other than 1. `0` is none. docs/TESTING.md has the whole grammar.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/model/ballot.h"
#include "common/model/record.h"
#include "coordinator/quorum/operation.h"

namespace quorumcache::scenarios {

inline constexpr uint64_t kOurProposer = 7;
inline constexpr uint64_t kOtherProposer = 9;

std::string BallotText(const model::Ballot& ballot);
// Aborts on what is not a ballot: a scenario file is part of the test.
model::Ballot ParseBallot(absl::string_view text);

// `r1` is the request id with low half 1.
model::RequestId ParseRequestId(absl::string_view text);

// `value=v expire=200 root=b100 changes=r1@b101`; `tombstone ...`.
std::string RecordText(const model::Record& record);

// One line a kind of message, replicas that get the same together: `send n1 n2 n3 prepare b100`.
std::vector<std::string> SendTexts(const quorum::Actions& actions,
                                   const model::ReplicaSet& replicas);
std::string ResultText(const quorum::OpResult& result);

// The words of a command: bare ones and `name=value`.
struct Words {
  std::vector<std::string> bare;
  std::map<std::string, std::string> named;

  bool Has(const std::string& word) const;
  // "" where it is not given.
  std::string Get(const std::string& name) const;
  uint64_t Number(const std::string& name, uint64_t otherwise) const;
  model::Ballot BallotOf(const std::string& name) const;
};
Words ParseWords(absl::string_view line);

}  // namespace quorumcache::scenarios
