// SPDX-License-Identifier: Apache-2.0
#include "cli/slow_log_command.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/slow_log_output.h"

namespace quorumcache::cli {
namespace {

// Every coordinator has a log of its own, so all endpoints are asked; one that does not answer does
// not hide the others'.
class SlowLogCommand final : public ClientCommand {
 public:
  SlowLogCommand() : ClientCommand("table") {}

  void AddOptions(runtime::Options& options) override {
    ClientCommand::AddOptions(options);
    options.AddInteger("limit", &limit_, 0, std::numeric_limits<int>::max(),
                       {.help = "The newest so many; 0: all."});
    options.AddBool("reset", &reset_, {.help = "Forget them afterwards."});
  }

  absl::Status Run(const std::vector<std::string>&) override {
    v1::ReadSlowLogRequest request;
    request.set_limit(static_cast<uint32_t>(limit_));
    request.set_reset(reset_);
    std::vector<v1::ReadSlowLogResponse> logs;
    absl::Status worst;
    for (size_t i = 0; i < endpoints().size(); ++i) {
      absl::StatusOr<v1::ReadSlowLogResponse> log = client().ReadSlowLog(i, request);
      if (!log.ok()) {
        worst = log.status();
        PrintError(absl::StrCat(endpoints()[i], ": ", log.status().message(), "\n"));
        continue;
      }
      if (!log->has_threshold()) {
        PrintError(absl::StrCat(endpoints()[i], ": its slow log is off (--slow-threshold)\n"));
      }
      logs.push_back(*std::move(log));
    }
    PrintOut(FormatSlowLogs(form(), logs, static_cast<size_t>(limit_)));
    return worst;
  }

 private:
  int limit_ = 50;
  bool reset_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeSlowLog() {
  return std::make_unique<SlowLogCommand>();
}

}  // namespace quorumcache::cli
