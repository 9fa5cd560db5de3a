// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/logging.h"

#include <glog/logging.h>
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::runtime {
namespace {

std::optional<int> SeverityOf(absl::string_view level) {
  if (level == "info") return google::GLOG_INFO;
  if (level == "warning") return google::GLOG_WARNING;
  if (level == "error") return google::GLOG_ERROR;
  return std::nullopt;
}

}  // namespace

absl::Status CheckLogLevel(absl::string_view level) {
  if (SeverityOf(level).has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--log-level: \"", level, "\" is not a level; expected info, warning or error"));
}

void InitLogging(absl::string_view program, absl::string_view level) {
  // glog keeps the pointer for the life of the process.
  static std::string name;
  name = std::string(program);
  const std::optional<int> severity = SeverityOf(level);
  QC_CHECK(severity.has_value());
  FLAGS_logtostderr = true;
  FLAGS_colorlogtostderr = false;
  FLAGS_log_utc_time = true;
  FLAGS_log_year_in_prefix = true;
  FLAGS_minloglevel = *severity;
  google::InitGoogleLogging(name.c_str());
}

void LogStart(absl::string_view program, absl::string_view version) {
  LOG(INFO) << program << " " << version << " starts, pid " << getpid();
}

}  // namespace quorumcache::runtime
