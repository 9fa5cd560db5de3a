// SPDX-License-Identifier: Apache-2.0
// Command: one thing that qcctl does; and what the commands that talk to a cluster have in common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "client/client.h"
#include "common/runtime/options.h"

namespace quorumcache::cli {

// Thread-compatible; runs once.
class Command {
 public:
  virtual ~Command() = default;
  virtual void AddOptions(runtime::Options& options) = 0;
  // `arguments`: what is left of the command line without flags; as many as CommandEntry allows.
  // Prints data to standard output and messages to standard error; what it returns is printed by
  // main.
  virtual absl::Status Run(const std::vector<std::string>& arguments) = 0;
  // Decides what an error means to a script.
  virtual Effect effect() const { return Effect::kReads; }
};

inline constexpr size_t kAnyNumber = ~size_t{0};

// One line of the table of commands.
struct CommandEntry {
  // "get", or two words: "node list".
  std::string name;
  // For the usage line: "KEY VALUE".
  std::string arguments;
  std::string summary;
  size_t arguments_min = 0;
  size_t arguments_max = 0;
  std::unique_ptr<Command> (*make)();
};

// In the order in which the help lists them.
const std::vector<CommandEntry>& Commands();

// --output.
class OutputOption {
 public:
  // `form` is the default: what people want to see of this command.
  explicit OutputOption(std::string form) : text_(std::move(form)) {}
  void AddTo(runtime::Options& options);
  OutputForm form() const;

 private:
  std::string text_;
};

// A command that calls a cluster: --endpoints, --timeout, --output.
class ClientCommand : public Command {
 public:
  // `timeout`: the default of --timeout.
  explicit ClientCommand(std::string output_form, absl::Duration timeout = absl::Milliseconds(1500))
      : timeout_(timeout), output_(std::move(output_form)) {}
  void AddOptions(runtime::Options& options) override;

 protected:
  // Made on first use. Requires: Run has begun.
  client::Client& client();
  OutputForm form() const { return output_.form(); }
  const std::vector<std::string>& endpoints() const { return endpoints_; }

 private:
  std::vector<std::string> endpoints_ = {"127.0.0.1:7401"};
  absl::Duration timeout_;
  OutputOption output_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace quorumcache::cli
