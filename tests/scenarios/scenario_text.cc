// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/scenario_text.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "common/model/hlc.h"

namespace quorumcache::scenarios {
namespace {

using model::Ballot;
using model::Record;
using model::RecordState;
using model::RequestId;

uint64_t ParseNumber(absl::string_view text) {
  uint64_t number = 0;
  QC_CHECK(absl::SimpleAtoi(text, &number));
  return number;
}

// Ids that operations make of their first ballot are shown as that ballot.
std::string RequestIdText(const RequestId& id) {
  if (id.high == 0) return absl::StrCat("r", id.low);
  return absl::StrCat("id:", BallotText(Ballot{1, id.high, id.low}));
}

std::string BodyText(const quorum::Send& send) {
  if (const auto* read = std::get_if<model::ReadRequest>(&send.body)) {
    return read->digest ? "digest" : "read";
  }
  if (const auto* prepare = std::get_if<model::PrepareRequest>(&send.body)) {
    return absl::StrCat("prepare ", BallotText(prepare->ballot));
  }
  const auto& accept = std::get<quorum::AcceptSend>(send.body);
  std::string text =
      absl::StrCat("accept ", BallotText(accept.ballot), " ", RecordText(*accept.record));
  if (!accept.next.IsZero()) absl::StrAppend(&text, " next=", BallotText(accept.next));
  if (accept.fsync) absl::StrAppend(&text, " fsync");
  return text;
}

const char* ErrorText(quorum::OpError error) {
  switch (error) {
    case quorum::OpError::kNone:
      return "ok";
    case quorum::OpError::kQuorumUnreachable:
      return "quorum_unreachable";
    case quorum::OpError::kOutcomeUnknown:
      return "outcome_unknown";
    case quorum::OpError::kContention:
      return "contention";
    case quorum::OpError::kKeyExists:
      return "key_exists";
    case quorum::OpError::kKeyNotFound:
      return "key_not_found";
    case quorum::OpError::kEtagMismatch:
      return "etag_mismatch";
    case quorum::OpError::kNotAnInteger:
      return "not_an_integer";
    case quorum::OpError::kOverflow:
      return "overflow";
    case quorum::OpError::kOverloaded:
      return "overloaded";
    case quorum::OpError::kDiskFull:
      return "disk_full";
    case quorum::OpError::kClockSkew:
      return "clock_skew";
    case quorum::OpError::kStaleTopology:
      return "stale_topology";
    case quorum::OpError::kCorrupt:
      return "corrupt";
  }
  return "?";
}

const char* OutcomeText(quorum::Outcome outcome) {
  switch (outcome) {
    case quorum::Outcome::kApplied:
      return "applied";
    case quorum::Outcome::kNotApplied:
      return "not_applied";
    case quorum::Outcome::kUnknown:
      return "unknown";
  }
  return "?";
}

}  // namespace

std::string BallotText(const Ballot& ballot) {
  if (ballot.IsZero()) return "0";
  std::string text = ballot.epoch == 1 ? "" : absl::StrCat("e", ballot.epoch, "/");
  if (ballot.proposer == 0) absl::StrAppend(&text, "t");
  if (ballot.proposer == kOurProposer) absl::StrAppend(&text, "b");
  if (ballot.proposer == kOtherProposer) absl::StrAppend(&text, "x");
  absl::StrAppend(&text, model::HlcMillis(ballot.hlc));
  const uint64_t counter = ballot.hlc & ((1u << model::kHlcCounterBits) - 1);
  if (counter != 0) absl::StrAppend(&text, "+", counter);
  return text;
}

Ballot ParseBallot(absl::string_view text) {
  if (text.empty() || text == "0") return Ballot{};
  Ballot ballot{1, 0, 0};
  if (text.front() == 'e') {
    const std::vector<absl::string_view> parts = absl::StrSplit(text.substr(1), '/');
    ballot.epoch = static_cast<uint32_t>(ParseNumber(parts.at(0)));
    text = parts.at(1);
  }
  QC_CHECK(text.front() == 'b' || text.front() == 'x' || text.front() == 't');
  if (text.front() == 'b') ballot.proposer = kOurProposer;
  if (text.front() == 'x') ballot.proposer = kOtherProposer;
  const std::vector<absl::string_view> parts = absl::StrSplit(text.substr(1), '+');
  ballot.hlc = model::HlcFromMillis(ParseNumber(parts[0]));
  if (parts.size() == 2) ballot.hlc += ParseNumber(parts[1]);
  return ballot;
}

RequestId ParseRequestId(absl::string_view text) {
  if (text.front() == 'r') return RequestId{0, ParseNumber(text.substr(1))};
  return RequestId::FromBallot(ParseBallot(text));
}

std::string RecordText(const Record& record) {
  std::string text = "absent";
  if (record.state == RecordState::kTombstone) text = "tombstone";
  if (record.state == RecordState::kValue) text = absl::StrCat("value=", record.value);
  if (record.expire_at_ms != 0) absl::StrAppend(&text, " expire=", record.expire_at_ms);
  absl::StrAppend(&text, " root=", BallotText(record.lineage.root()));
  std::vector<std::string> changes;
  for (const model::Change& change : record.lineage.changes()) {
    changes.push_back(
        absl::StrCat(RequestIdText(change.request_id), "@", BallotText(change.ballot)));
  }
  if (!changes.empty()) absl::StrAppend(&text, " changes=", absl::StrJoin(changes, ","));
  return text;
}

std::vector<std::string> SendTexts(const quorum::Actions& actions,
                                   const model::ReplicaSet& replicas) {
  std::vector<std::pair<std::string, std::string>> by_body;  // body, names
  for (const quorum::Send& send : actions.sends) {
    const std::string body = BodyText(send);
    const std::string name = absl::StrCat(" n", replicas.replicas[send.replica].node);
    auto same = std::find_if(by_body.begin(), by_body.end(),
                             [&](const auto& entry) { return entry.first == body; });
    if (same == by_body.end()) {
      by_body.emplace_back(body, name);
    } else {
      same->second += name;
    }
  }
  std::vector<std::string> lines;
  for (const auto& [body, names] : by_body) {
    lines.push_back(absl::StrCat("send", names, " ", body));
  }
  return lines;
}

std::string ResultText(const quorum::OpResult& result) {
  std::string text =
      absl::StrCat("done ", ErrorText(result.error), " ", OutcomeText(result.outcome));
  if (result.found) absl::StrAppend(&text, " found");
  if (!result.version.IsZero()) absl::StrAppend(&text, " version=", BallotText(result.version));
  if (!result.record.value.empty()) absl::StrAppend(&text, " value=", result.record.value);
  if (result.record.expire_at_ms != 0) {
    absl::StrAppend(&text, " expire=", result.record.expire_at_ms);
  }
  if (result.number != 0) absl::StrAppend(&text, " number=", result.number);
  if (result.previous_unknown) absl::StrAppend(&text, " previous=unknown");
  if (result.previous) {
    absl::StrAppend(&text, " previous=", result.previous->value, "@",
                    BallotText(result.previous_version));
  }
  if (!result.first.IsZero()) absl::StrAppend(&text, " first=", BallotText(result.first));
  absl::StrAppend(&text, " ", result.responded, "/", result.required);
  if (!result.detail.empty()) absl::StrAppend(&text, " (", result.detail, ")");
  return text;
}

bool Words::Has(const std::string& word) const {
  return std::find(bare.begin(), bare.end(), word) != bare.end();
}

std::string Words::Get(const std::string& name) const {
  const auto found = named.find(name);
  return found == named.end() ? "" : found->second;
}

uint64_t Words::Number(const std::string& name, uint64_t otherwise) const {
  const std::string text = Get(name);
  return text.empty() ? otherwise : ParseNumber(text);
}

Ballot Words::BallotOf(const std::string& name) const {
  return ParseBallot(Get(name));
}

Words ParseWords(absl::string_view line) {
  Words words;
  for (absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (parts.size() == 2) {
      words.named[parts[0]] = parts[1];
    } else {
      words.bare.push_back(parts[0]);
    }
  }
  return words;
}

}  // namespace quorumcache::scenarios
