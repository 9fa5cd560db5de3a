// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace quorumcache::cli {

void OutputOption::AddTo(runtime::Options& options) {
  options.AddChoice("output", &text_, {"table", "json", "value"},
                    {.help = "How to print: for people, for programs, or only the value.",
                     .value_name = "FORM",
                     .short_name = 'o'});
}

OutputForm OutputOption::form() const {
  if (text_ == "json") return OutputForm::kJson;
  return text_ == "value" ? OutputForm::kValue : OutputForm::kTable;
}

void ClientCommand::AddOptions(runtime::Options& options) {
  options.AddList("endpoints", &endpoints_,
                  {.help = "Coordinators to call, HOST:PORT,... (gRPC); also QC_ENDPOINTS.",
                   .value_name = "LIST",
                   .short_name = 'e'});
  options.AddDuration("timeout", &timeout_, absl::Milliseconds(1), absl::Minutes(10),
                      {.help = "How long a call may take, retries included."});
  output_.AddTo(options);
}

client::Client& ClientCommand::client() {
  if (client_ == nullptr) {
    client_ = std::make_unique<client::Client>(
        client::ClientOptions{.endpoints = endpoints_, .timeout = timeout_});
  }
  return *client_;
}

}  // namespace quorumcache::cli
