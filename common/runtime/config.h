// SPDX-License-Identifier: Apache-2.0
// Where options get their values: flags > environment (QC_...) > TOML file > defaults.
//
// Every source is read in full, so a bad value is an error even where a stronger source overrides
// it. Errors are INVALID_ARGUMENT in one line that names the option, the source and what is
// accepted.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/runtime/options.h"

namespace quorumcache::runtime {

using Environment = std::map<std::string, std::string>;

// That of this process.
Environment ProcessEnvironment();

// Sets what QC_... variables say. A variable that is none of ours but nearly so is returned as a
// warning; all others are left alone: qcctl, the servers and the tests share the prefix.
absl::StatusOr<std::vector<std::string>> ApplyEnvironment(const Environment& environment,
                                                          Options& options);

// Sets what a TOML text says; `file` is for messages. Unknown keys and wrong types are errors.
absl::Status ApplyToml(const std::string& toml, const std::string& file, Options& options);

// --name value, --name=value, --flag, -x value, -xvalue; "--" ends the flags. Returns what is left,
// in order. Unknown flags and missing values are errors.
absl::StatusOr<std::vector<std::string>> ApplyArguments(const std::vector<std::string>& arguments,
                                                        Options& options);

// The present values as a TOML file that sets exactly these values, with the help as comments.
std::string PrintToml(const Options& options);

// One paragraph an option, in the order of adding.
std::string PrintOptionsHelp(const Options& options);

struct Program {
  std::string name;
  // One line.
  std::string summary;
};

// Everything a server's main does about its configuration: adds --config, --help, --version,
// --check-config and --print-config to `options`, applies all sources, then `validate` (what takes
// more than one option). Returns the exit code when there is nothing left to do: 0, or 2 after a
// message on standard error.
std::optional<int> ConfigureServer(const Program& program, int argc, char** argv, Options& options,
                                   const std::function<absl::Status()>& validate);

}  // namespace quorumcache::runtime
