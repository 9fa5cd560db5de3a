// SPDX-License-Identifier: Apache-2.0
#include "tests/history/history.h"

#include "absl/strings/str_cat.h"
#include "common/model/etag.h"

namespace quorumcache::history {
namespace {

const char* KindText(ClientOpKind kind) {
  constexpr const char* kTexts[] = {"get", "set", "delete", "touch", "increment", "expire"};
  return kTexts[static_cast<int>(kind)];
}

const char* ConditionText(ClientCondition condition) {
  constexpr const char* kTexts[] = {"", " if_absent", " if_present", " if_version="};
  return kTexts[static_cast<int>(condition)];
}

const char* OutcomeText(ClientOutcome outcome) {
  constexpr const char* kTexts[] = {"unknown", "ok", "condition_failed", "not_applied"};
  return kTexts[static_cast<int>(outcome)];
}

}  // namespace

std::string Describe(const ClientOp& op) {
  std::string text = absl::StrCat("process ", op.process, " ", op.key, " [", op.invoked_ns, ", ");
  absl::StrAppend(&text, op.returned_ns == kNever ? "never" : absl::StrCat(op.returned_ns), "] ",
                  KindText(op.kind), " ", op.value, ConditionText(op.condition));
  if (op.condition == ClientCondition::kIfVersion) {
    absl::StrAppend(&text, model::FormatEtag(op.if_version), "(", op.if_value, ")");
  }
  if (op.kind == ClientOpKind::kExpire) absl::StrAppend(&text, " of #", op.expires);
  absl::StrAppend(&text, op.has_ttl ? " ttl" : "", op.keep_ttl ? " keep_ttl" : "", " -> ",
                  OutcomeText(op.outcome));
  if (op.found) absl::StrAppend(&text, " found");
  if (op.previous_known)
    absl::StrAppend(&text, op.has_previous ? " replaced" : " replaced nothing");
  if (op.found || op.has_previous || op.value_read != 0) absl::StrAppend(&text, " ", op.value_read);
  if (!op.version.IsZero()) absl::StrAppend(&text, " version=", model::FormatEtag(op.version));
  return text;
}

std::string Describe(const History& history) {
  std::string text;
  for (size_t i = 0; i < history.size(); ++i) {
    absl::StrAppend(&text, "  #", i, " ", Describe(history[i]), "\n");
  }
  return text;
}

}  // namespace quorumcache::history
