// SPDX-License-Identifier: Apache-2.0
#include "tests/history/json_lines.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace quorumcache::history {
namespace {

// The moment at which an operation was asked for, or answered.
struct Moment {
  int64_t time_ns = 0;
  bool is_answer = false;
  size_t op = 0;
};

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Function(const ClientOp& op) {
  constexpr const char* kKinds[] = {"read", "write", "delete", "touch", "increment", "expire"};
  constexpr const char* kConditions[] = {"", "_if_absent", "_if_present", "_if_version"};
  return absl::StrCat(kKinds[static_cast<int>(op.kind)],
                      kConditions[static_cast<int>(op.condition)]);
}

const char* Type(const ClientOp& op) {
  constexpr const char* kTypes[] = {"info", "ok", "fail", "fail"};
  return kTypes[static_cast<int>(op.outcome)];
}

std::string Asked(const ClientOp& op, int64_t expired_line) {
  const bool compares = op.condition == ClientCondition::kIfVersion;
  switch (op.kind) {
    case ClientOpKind::kSet:
      return compares ? absl::StrCat("[", op.if_value, ",", op.value, "]") : absl::StrCat(op.value);
    case ClientOpKind::kDelete:
      return compares ? absl::StrCat(op.if_value) : "null";
    case ClientOpKind::kIncrement:
      return absl::StrCat(op.value);
    case ClientOpKind::kExpire:
      return absl::StrCat(expired_line);
    case ClientOpKind::kGet:
    case ClientOpKind::kTouch:
      break;
  }
  return "null";
}

std::string Told(const ClientOp& op, int64_t expired_line) {
  if (op.outcome != ClientOutcome::kOk) return Asked(op, expired_line);
  if (op.kind == ClientOpKind::kGet) return op.found ? absl::StrCat(op.value_read) : "null";
  if (op.kind == ClientOpKind::kTouch) return op.found ? "true" : "false";
  if (op.kind == ClientOpKind::kIncrement) return absl::StrCat(op.value_read);
  if (!op.previous_known) return Asked(op, expired_line);
  const std::string previous = op.has_previous ? absl::StrCat(op.value_read) : "null";
  return absl::StrCat("[", previous, ",", op.value, "]");
}

// By time; of one instant, what was asked comes before what was answered: they are concurrent.
std::vector<Moment> Moments(const History& history) {
  int64_t end_ns = 0;
  for (const ClientOp& op : history) {
    end_ns = std::max(end_ns, op.invoked_ns);
    if (op.returned_ns != kNever) end_ns = std::max(end_ns, op.returned_ns);
  }
  std::vector<Moment> moments;
  for (size_t i = 0; i < history.size(); ++i) {
    moments.push_back({history[i].invoked_ns, false, i});
    moments.push_back({std::min(history[i].returned_ns, end_ns), true, i});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    return std::tuple(a.time_ns, a.is_answer, a.op) < std::tuple(b.time_ns, b.is_answer, b.op);
  });
  return moments;
}

}  // namespace

std::string ToJsonLines(const History& history) {
  const std::vector<Moment> moments = Moments(history);
  std::vector<int64_t> line_of(history.size(), 0);
  for (size_t i = 0; i < moments.size(); ++i) {
    if (!moments[i].is_answer) line_of[moments[i].op] = static_cast<int64_t>(i) + 1;
  }
  std::string text;
  for (const Moment& moment : moments) {
    const ClientOp& op = history[moment.op];
    const bool expires = op.kind == ClientOpKind::kExpire;
    const int64_t expired_line = expires ? line_of[static_cast<size_t>(op.expires)] : 0;
    const std::string value = moment.is_answer ? Told(op, expired_line) : Asked(op, expired_line);
    absl::StrAppend(&text, "{\"process\":", expires ? -1 : op.process, ",\"type\":\"",
                    moment.is_answer ? Type(op) : "invoke", "\",\"f\":\"", Function(op), "\"");
    absl::StrAppend(&text, ",\"key\":", Quote(op.key), ",\"value\":", value,
                    ",\"time_ns\":", moment.time_ns, "}\n");
  }
  return text;
}

}  // namespace quorumcache::history
