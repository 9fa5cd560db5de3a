// SPDX-License-Identifier: Apache-2.0
#include "coordinator/quorum/evaluate.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/check.h"

namespace quorumcache::quorum {
namespace {

using model::Record;
using model::RecordState;

// Why the condition does not hold; kNone: it does.
OpError CheckCondition(const Condition& condition, const Record& base, bool live) {
  switch (condition.kind) {
    case ConditionKind::kNone:
      return OpError::kNone;
    case ConditionKind::kIfAbsent:
      return live ? OpError::kKeyExists : OpError::kNone;
    case ConditionKind::kIfPresent:
      return live ? OpError::kNone : OpError::kKeyNotFound;
    case ConditionKind::kIfVersion:
      if (!live) return OpError::kKeyNotFound;
      return base.lineage.LastChange() == condition.version ? OpError::kNone
                                                            : OpError::kEtagMismatch;
  }
  QC_CHECK(false);
}

// All of `text` as a decimal signed 64-bit integer: no spaces, no plus.
std::optional<int64_t> ParseInteger(absl::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

uint64_t NewExpiry(const Mutation& mutation, const Record& base, bool live) {
  return live && mutation.keep_ttl ? base.expire_at_ms : mutation.expire_at_ms;
}

void Set(const Mutation& mutation, const Record& base, Evaluation* evaluation) {
  evaluation->record.state = RecordState::kValue;
  evaluation->record.value = mutation.value;
  evaluation->record.content_type = mutation.content_type;
  evaluation->record.expire_at_ms = NewExpiry(mutation, base, evaluation->found);
  evaluation->changed = true;
}

void Touch(const Mutation& mutation, const Record& base, Evaluation* evaluation) {
  if (!evaluation->found) return;
  evaluation->record.state = RecordState::kValue;
  evaluation->record.value = base.value;
  evaluation->record.content_type = base.content_type;
  evaluation->record.expire_at_ms = mutation.expire_at_ms;
  evaluation->changed = true;
}

void Increment(const Mutation& mutation, const Record& base, Evaluation* evaluation) {
  int64_t number = mutation.initial;
  if (evaluation->found) {
    const std::optional<int64_t> present = ParseInteger(base.value);
    if (!present) {
      evaluation->error = OpError::kNotAnInteger;
      return;
    }
    number = *present;
  }
  if (__builtin_add_overflow(number, mutation.delta, &evaluation->number)) {
    evaluation->error = OpError::kOverflow;
    return;
  }
  evaluation->record.state = RecordState::kValue;
  evaluation->record.value = absl::StrCat(evaluation->number);
  evaluation->record.content_type = evaluation->found ? base.content_type : mutation.content_type;
  evaluation->record.expire_at_ms = NewExpiry(mutation, base, evaluation->found);
  evaluation->changed = true;
}

// Nothing there: nothing to delete, and a retry finds the same.
void Delete(Evaluation* evaluation) {
  evaluation->record.state = RecordState::kTombstone;
  evaluation->changed = evaluation->found;
}

}  // namespace

Evaluation Evaluate(const Mutation& mutation, const Record& base, uint64_t now_ms) {
  Evaluation evaluation;
  evaluation.found = model::IsLive(base.state, base.expire_at_ms, now_ms);
  evaluation.error = CheckCondition(mutation.condition, base, evaluation.found);
  if (evaluation.error != OpError::kNone) return evaluation;
  switch (mutation.kind) {
    case MutationKind::kSet:
      Set(mutation, base, &evaluation);
      break;
    case MutationKind::kDelete:
      Delete(&evaluation);
      break;
    case MutationKind::kTouch:
      Touch(mutation, base, &evaluation);
      break;
    case MutationKind::kIncrement:
      Increment(mutation, base, &evaluation);
      break;
    case MutationKind::kNothing:
      break;
  }
  return evaluation;
}

}  // namespace quorumcache::quorum
