// SPDX-License-Identifier: Apache-2.0
#include "cli/slow_log_output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/json_text.h"

namespace quorumcache::cli {
namespace {

// One operation and who has it.
struct Entry {
  const v1::ReadSlowLogResponse* log;
  const v1::SlowOperation* operation;
};

absl::Duration ToDuration(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

std::vector<Entry> NewestFirst(const std::vector<v1::ReadSlowLogResponse>& logs, size_t limit) {
  std::vector<Entry> entries;
  for (const v1::ReadSlowLogResponse& log : logs) {
    for (const v1::SlowOperation& operation : log.operations()) {
      entries.push_back({&log, &operation});
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return ToTime(a.operation->end_time()) > ToTime(b.operation->end_time());
  });
  if (limit > 0 && entries.size() > limit) entries.resize(limit);
  return entries;
}

absl::string_view ConsistencyText(v1::Consistency consistency) {
  switch (consistency) {
    case v1::CONSISTENCY_ONE:
      return "one";
    case v1::CONSISTENCY_QUORUM:
      return "quorum";
    case v1::CONSISTENCY_ALL:
      return "all";
    default:
      return "";
  }
}

std::string EntryJson(const Entry& entry) {
  const v1::SlowOperation& slow = *entry.operation;
  std::vector<std::string> awaited;
  for (const std::string& node : slow.awaited_nodes()) awaited.push_back(JsonString(node));
  JsonObject object;
  object.AddText("coordinator", entry.log->coordinator())
      .AddText("end_time", TimeText(ToTime(slow.end_time())))
      .AddText("operation", slow.operation())
      .AddText("namespace", slow.namespace_())
      .AddText("key", slow.key())
      .AddText("token", absl::StrFormat("%016x", slow.token()));
  if (slow.consistency() != v1::CONSISTENCY_UNSPECIFIED) {
    object.AddText("consistency", ConsistencyText(slow.consistency()));
  }
  object.AddNumber("duration_seconds", absl::ToDoubleSeconds(ToDuration(slow.duration())), 6)
      .AddUnsigned("rounds", slow.rounds())
      .AddUnsigned("attempts", slow.attempts())
      .AddText("outcome", slow.outcome());
  if (!slow.reason().empty()) object.AddText("code", slow.reason());
  return object.AddUnsigned("required", slow.required())
      .AddUnsigned("responded", slow.responded())
      .AddJson("awaited_nodes", JsonArray(awaited))
      .AddText("peer", Printable(slow.peer()))
      .AddText("request_id", Printable(slow.request_id()))
      .Text();
}

std::string OrDash(std::string text) {
  return text.empty() ? "-" : text;
}

std::vector<std::string> EntryRow(const Entry& entry) {
  const v1::SlowOperation& slow = *entry.operation;
  const std::string outcome =
      slow.reason().empty() ? slow.outcome() : absl::StrCat(slow.reason(), " ", slow.outcome());
  return {TimeText(ToTime(slow.end_time())),
          Printable(entry.log->coordinator()),
          slow.operation(),
          absl::StrFormat("%.1f ms", absl::ToDoubleMilliseconds(ToDuration(slow.duration()))),
          OrDash(std::string(ConsistencyText(slow.consistency()))),
          outcome,
          Printable(slow.key()),
          absl::StrCat(slow.rounds()),
          OrDash(Printable(absl::StrJoin(slow.awaited_nodes(), " "))),
          OrDash(Printable(slow.peer())),
          OrDash(Printable(slow.request_id()))};
}

std::string LogsJson(const std::vector<v1::ReadSlowLogResponse>& logs,
                     const std::vector<Entry>& entries) {
  std::vector<std::string> coordinators, operations;
  for (const v1::ReadSlowLogResponse& log : logs) {
    JsonObject object;
    object.AddText("coordinator", log.coordinator()).AddUnsigned("total", log.total());
    if (log.has_threshold()) {
      object.AddNumber("threshold_seconds", absl::ToDoubleSeconds(ToDuration(log.threshold())), 6);
    }
    coordinators.push_back(object.Text());
  }
  for (const Entry& entry : entries) operations.push_back(EntryJson(entry));
  JsonObject object;
  return object.AddJson("coordinators", JsonArray(coordinators))
      .AddJson("operations", JsonArray(operations))
      .Text();
}

}  // namespace

std::string FormatSlowLogs(OutputForm form, const std::vector<v1::ReadSlowLogResponse>& logs,
                           size_t limit) {
  const std::vector<Entry> entries = NewestFirst(logs, limit);
  if (form == OutputForm::kJson) return LogsJson(logs, entries) + "\n";
  std::string tokens;
  std::vector<std::vector<std::string>> rows;
  for (const Entry& entry : entries) {
    absl::StrAppendFormat(&tokens, "%016x\n", entry.operation->token());
    rows.push_back(EntryRow(entry));
  }
  if (form == OutputForm::kValue) return tokens;
  return FormatTable({"ENDED", "COORDINATOR", "OPERATION", "TOOK", "LEVEL", "OUTCOME", "KEY",
                      "ROUNDS", "WAITED FOR", "PEER", "REQUEST"},
                     rows);
}

}  // namespace quorumcache::cli
