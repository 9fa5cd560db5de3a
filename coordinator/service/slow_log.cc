// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/slow_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/limits.h"

namespace quorumcache::service {
namespace {

constexpr absl::Duration kBetweenLines = absl::Seconds(1);

const char* ConsistencyText(model::Consistency consistency) {
  switch (consistency) {
    case model::Consistency::kOne:
      return " at ONE";
    case model::Consistency::kQuorum:
      return " at QUORUM";
    case model::Consistency::kAll:
      return " at ALL";
    case model::Consistency::kUnspecified:
      break;
  }
  return "";
}

}  // namespace

std::optional<std::string> SlowLog::Add(SlowOperation operation, base::MonotonicTime now) {
  ++total_;
  std::optional<std::string> line;
  if (!told_at_ || now - *told_at_ >= kBetweenLines) {
    line = SlowOperationText(operation);
    if (untold_ > 0) absl::StrAppend(&*line, "; ", untold_, " more since the last such line");
    told_at_ = now;
    untold_ = 0;
  } else {
    ++untold_;
  }
  if (operations_.size() >= limits::kSlowLogEntriesMax) operations_.pop_front();
  operations_.push_back(std::move(operation));
  return line;
}

SlowLogView SlowLog::Read(const SlowLogRequest& request) {
  SlowLogView view{options_.coordinator, options_.threshold, total_, {}};
  const size_t wanted =
      request.limit == 0 ? operations_.size() : std::min<size_t>(request.limit, operations_.size());
  view.operations.assign(operations_.rbegin(),
                         operations_.rbegin() + static_cast<ptrdiff_t>(wanted));
  if (request.reset) operations_.clear();
  return view;
}

std::string SlowOperationText(const SlowOperation& operation) {
  std::string text = absl::StrFormat(
      "slow %s%s: %s, %s, key %s in %s, token %016x, %d rounds, %d of %d replicas",
      operation.operation, ConsistencyText(operation.consistency),
      absl::FormatDuration(operation.duration),
      operation.reason.empty() ? operation.outcome()
                               : absl::StrCat(operation.reason, " ", operation.outcome()),
      operation.key, operation.namespace_name, operation.token, operation.rounds,
      operation.responded, operation.required);
  if (operation.attempts > 1) absl::StrAppend(&text, ", ", operation.attempts, " attempts");
  if (!operation.awaited_nodes.empty()) {
    absl::StrAppend(&text, ", no answer yet from ", absl::StrJoin(operation.awaited_nodes, " "));
  }
  if (!operation.peer.empty()) absl::StrAppend(&text, ", from ", operation.peer);
  if (!operation.request_id.empty()) absl::StrAppend(&text, ", request ", operation.request_id);
  return text;
}

}  // namespace quorumcache::service
