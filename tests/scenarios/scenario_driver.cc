// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/scenario_driver.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "coordinator/quorum/make_operation.h"
#include "coordinator/quorum/read_op.h"

namespace quorumcache::scenarios {
namespace {

using model::ReplicaReply;
using model::ReplyStatus;

base::MonotonicTime AtMillis(uint64_t ms) {
  return base::MonotonicTime() + absl::Milliseconds(static_cast<int64_t>(ms));
}

ReplyStatus StatusOf(const Words& words) {
  const std::pair<const char*, ReplyStatus> kStatuses[] = {
      {"yes", ReplyStatus::kOk},
      {"no", ReplyStatus::kRefused},
      {"stale_epoch", ReplyStatus::kStaleEpoch},
      {"wrong_node", ReplyStatus::kWrongNode},
      {"clock_skew", ReplyStatus::kClockSkew},
      {"expired", ReplyStatus::kExpired},
      {"overloaded", ReplyStatus::kOverloaded},
      {"disk_full", ReplyStatus::kDiskFull},
      {"corrupt", ReplyStatus::kCorrupt},
      {"not_sent", ReplyStatus::kNotSent},
      {"lost", ReplyStatus::kLost},
  };
  for (const auto& [name, status] : kStatuses) {
    if (words.Has(name)) return status;
  }
  QC_CHECK(false);
}

// lineage=r1@b100,r2@b101 behind root=b90; the root is the record's own ballot where it is not
// given.
model::Lineage LineageOf(const Words& words) {
  const std::string root = words.Get("root");
  std::vector<model::Change> changes;
  for (absl::string_view text : absl::StrSplit(words.Get("changes"), ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(text, '@');
    changes.push_back(model::Change{ParseRequestId(parts.at(0)), ParseBallot(parts.at(1)),
                                    static_cast<int64_t>(words.Number("result", 1))});
  }
  return model::Lineage(root.empty() ? words.BallotOf("a") : ParseBallot(root), changes);
}

ReplicaReply ReplyOf(const Words& words) {
  ReplicaReply reply;
  reply.status = StatusOf(words);
  reply.accepted = words.BallotOf("a");
  reply.promised = words.BallotOf("p");
  reply.previous = words.BallotOf("previous");
  reply.forgotten = words.BallotOf("forgotten");
  reply.hlc = model::HlcFromMillis(words.Number("hlc", 0));
  reply.expire_at_ms = words.Number("expire", 0);
  if (words.named.contains("value")) reply.state = model::RecordState::kValue;
  if (words.Has("tombstone")) reply.state = model::RecordState::kTombstone;
  if (reply.state != model::RecordState::kAbsent && !words.Has("digest")) {
    reply.record = model::Record{.state = reply.state,
                                 .value = words.Get("value"),
                                 .content_type = "",
                                 .expire_at_ms = reply.expire_at_ms,
                                 .lineage = LineageOf(words)};
  }
  return reply;
}

quorum::Condition ConditionOf(const std::string& text) {
  using quorum::ConditionKind;
  if (text.empty()) return {};
  if (text == "absent") return {ConditionKind::kIfAbsent, {}};
  if (text == "present") return {ConditionKind::kIfPresent, {}};
  return {ConditionKind::kIfVersion, ParseBallot(text)};
}

quorum::Mutation MutationOf(const std::string& kind, const Words& words) {
  using quorum::MutationKind;
  quorum::Mutation mutation;
  if (kind == "delete") mutation.kind = MutationKind::kDelete;
  if (kind == "touch") mutation.kind = MutationKind::kTouch;
  if (kind == "increment") mutation.kind = MutationKind::kIncrement;
  mutation.condition = ConditionOf(words.Get("if"));
  mutation.value = words.Get("value");
  mutation.expire_at_ms = words.Number("expire", 0);
  mutation.delta = static_cast<int64_t>(words.Number("delta", 0));
  mutation.keep_ttl = words.Has("keep_ttl");
  mutation.return_previous = words.Has("return_previous");
  mutation.fsync = words.Has("fsync");
  if (words.named.contains("request")) mutation.request_id = ParseRequestId(words.Get("request"));
  mutation.first = words.BallotOf("first");
  return mutation;
}

}  // namespace

ScenarioDriver::ScenarioDriver() {
  Configure(ParseWords("replicas n1:0 n2:1 n3:2"));
}

base::Now ScenarioDriver::Now() const {
  return base::Now{AtMillis(now_ms_), now_ms_};
}

std::string ScenarioDriver::Perform(absl::string_view command) {
  ++now_ms_;
  const Words words = ParseWords(command);
  QC_CHECK(!words.bare.empty());
  const std::string& verb = words.bare[0];
  if (verb == "replicas") return Configure(words), "";
  if (verb == "at") return now_ms_ = words.Number("ms", now_ms_), "";
  if (verb == "reply") return Reply(words);
  if (verb == "timer") return Timer();
  return Start(verb, words);
}

// `replicas n1:0 n2:1 n4:2 n5:2 vacant=1 epoch=3`: node and slot.
void ScenarioDriver::Configure(const Words& words) {
  context_.clock = &clock_;
  context_.random = &random_;
  context_.proposer = kOurProposer;
  model::ReplicaSet set;
  set.epoch = static_cast<uint32_t>(words.Number("epoch", 1));
  for (size_t i = 1; i < words.bare.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(words.bare[i].substr(1), ':');
    uint32_t node = 0, slot = 0;
    QC_CHECK(absl::SimpleAtoi(parts.at(0), &node) && absl::SimpleAtoi(parts.at(1), &slot));
    set.replicas.push_back({static_cast<uint16_t>(node), static_cast<uint8_t>(slot)});
    set.slot_count = std::max<uint8_t>(set.slot_count, static_cast<uint8_t>(slot + 1));
  }
  if (words.named.contains("vacant")) {
    set.vacant_slots = static_cast<uint16_t>(1u << words.Number("vacant", 0));
  }
  context_.replicas = set;
}

quorum::ReplicaIndex ScenarioDriver::ReplicaNamed(absl::string_view name) const {
  const auto& replicas = context_.replicas.replicas;
  for (size_t i = 0; i < replicas.size(); ++i) {
    if (absl::StrCat("n", replicas[i].node) == name) return static_cast<quorum::ReplicaIndex>(i);
  }
  QC_CHECK(false);
}

std::string ScenarioDriver::Start(const std::string& kind, const Words& words) {
  quorum::OperationContext context = context_;
  context.deadline = AtMillis(now_ms_ + words.Number("deadline_ms", 1000));
  if (words.Has("one")) context.consistency = model::Consistency::kOne;
  if (words.Has("all")) context.consistency = model::Consistency::kAll;
  for (absl::string_view name : absl::StrSplit(words.Get("down"), ',', absl::SkipEmpty())) {
    context.unreachable |= quorum::Bit(ReplicaNamed(name));
  }
  register_ = nullptr;
  if (kind == "get") {
    const uint64_t hedge_ms = words.Number("hedge_ms", 0);
    operation_ = quorum::MakeRead(
        context, {}, hedge_ms == 0 ? absl::InfiniteDuration() : absl::Milliseconds(hedge_ms));
  } else if (words.Has("reserve") || cached_) {
    quorum::RegisterOptions options;
    options.reserve_next = words.Has("reserve");
    options.cached = std::exchange(cached_, std::nullopt);
    options.follows = words.Has("follows");
    auto op = std::make_unique<quorum::RegisterOp>(context, model::Key{}, MutationOf(kind, words),
                                                   std::move(options));
    register_ = op.get();
    operation_ = std::move(op);
  } else {
    operation_ = quorum::MakeMutation(context, {}, MutationOf(kind, words));
  }
  return Describe(operation_->Start(Now()));
}

std::string ScenarioDriver::Reply(const Words& words) {
  const quorum::ReplicaIndex replica = ReplicaNamed(words.bare.at(1));
  const auto round = static_cast<uint32_t>(words.Number("round", round_of_[replica]));
  return Describe(operation_->OnReply(replica, round, ReplyOf(words), Now()));
}

std::string ScenarioDriver::Timer() {
  const int64_t due_ms = operation_->wake_at().nanos() / 1'000'000 + 1;
  now_ms_ = std::max(now_ms_, static_cast<uint64_t>(due_ms));
  // Backoffs are random: round up, so that ballots are readable.
  now_ms_ = (now_ms_ + 99) / 100 * 100;
  return Describe(operation_->OnTimer(Now()));
}

std::string ScenarioDriver::Describe(const quorum::Actions& actions) {
  std::vector<std::string> lines = SendTexts(actions, context_.replicas);
  for (const quorum::Send& send : actions.sends) round_of_[send.replica] = send.round;
  if (actions.finished) {
    lines.push_back(ResultText(operation_->result()));
    if (register_ != nullptr) cached_ = register_->TakeCachedBallot();
    if (cached_) lines.push_back(absl::StrCat("reserved ", BallotText(cached_->ballot)));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace quorumcache::scenarios
