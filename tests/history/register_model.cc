// SPDX-License-Identifier: Apache-2.0
#include "tests/history/register_model.h"

namespace quorumcache::history {
namespace {

// A writer that was never answered has a version that nobody told: then only the value can be
// compared.
enum class Match : uint8_t { kYes, kNo, kEither };

Match MatchVersion(const RegisterState& state, const History& history, const ClientOp& op) {
  if (!state.present || state.value != op.if_value) return Match::kNo;
  const model::Ballot& present = history[state.writer].version;
  if (present.IsZero()) return Match::kEither;
  return present == op.if_version ? Match::kYes : Match::kNo;
}

Match Condition(const RegisterState& state, const History& history, const ClientOp& op) {
  switch (op.condition) {
    case ClientCondition::kNone:
      return Match::kYes;
    case ClientCondition::kIfAbsent:
      return state.present ? Match::kNo : Match::kYes;
    case ClientCondition::kIfPresent:
      return state.present ? Match::kYes : Match::kNo;
    case ClientCondition::kIfVersion:
      return MatchVersion(state, history, op);
  }
  return Match::kNo;
}

bool ReadMatches(const RegisterState& state, const History& history, const ClientOp& op) {
  if (op.found != state.present) return false;
  if (!op.found) return true;
  if (op.value_read != state.value) return false;
  const model::Ballot& version = history[state.writer].version;
  return version.IsZero() || version == op.version;
}

bool PreviousMatches(const RegisterState& state, const ClientOp& op) {
  if (!op.return_previous || !op.previous_known) return true;
  if (!op.has_previous) return !state.present;
  return state.present && op.value_read == state.value;
}

RegisterState Absent(const RegisterState& before) {
  return RegisterState{.times_over = before.times_over};
}

RegisterState Written(const RegisterState& before, int64_t value, const ClientOp& op,
                      int32_t index) {
  RegisterState after{true, value, index, op.has_ttl ? index : -1, before.times_over};
  if (op.keep_ttl && before.present) after.ttl_of = before.ttl_of;
  const bool over = after.ttl_of >= 0 && ((before.times_over >> after.ttl_of) & 1) != 0;
  return over ? Absent(before) : after;
}

RegisterState Expired(const RegisterState& before, int32_t whose) {
  RegisterState after = before;
  if (before.present && before.ttl_of == whose) after = Absent(before);
  after.times_over |= uint64_t{1} << whose;
  return after;
}

// The effect of a write whose condition holds; nullopt when it contradicts the answer.
std::optional<RegisterState> Apply(const RegisterState& state, const ClientOp& op, int32_t index) {
  const bool told = op.outcome == ClientOutcome::kOk;
  switch (op.kind) {
    case ClientOpKind::kSet:
      if (told && !PreviousMatches(state, op)) return std::nullopt;
      return Written(state, op.value, op, index);
    case ClientOpKind::kDelete:
      return state.present ? Absent(state) : state;
    case ClientOpKind::kTouch:
      if (told && op.found != state.present) return std::nullopt;
      if (!state.present) return state;
      return Written(state, state.value, op, index);
    case ClientOpKind::kIncrement: {
      const int64_t number = (state.present ? state.value : 0) + op.value;
      if (told && op.value_read != number) return std::nullopt;
      return Written(state, number, op, index);
    }
    case ClientOpKind::kExpire:
      return Expired(state, op.expires);
    case ClientOpKind::kGet:
      break;
  }
  return state;
}

}  // namespace

std::optional<RegisterState> Step(const RegisterState& state, const History& history,
                                  int32_t index) {
  const ClientOp& op = history[index];
  if (op.kind == ClientOpKind::kGet) {
    const bool possible = op.outcome != ClientOutcome::kOk || ReadMatches(state, history, op);
    return possible ? std::optional(state) : std::nullopt;
  }
  const Match match = Condition(state, history, op);
  if (op.outcome == ClientOutcome::kConditionFailed) {
    return match == Match::kYes ? std::nullopt : std::optional(state);
  }
  if (match == Match::kNo) {
    // Told that it happened, where it could not; not told anything: then it just did not.
    return op.outcome == ClientOutcome::kOk ? std::nullopt : std::optional(state);
  }
  return Apply(state, op, index);
}

}  // namespace quorumcache::history
