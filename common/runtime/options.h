// SPDX-License-Identifier: Apache-2.0
// Options: a declarative table of what a program can be told, each entry bound to the variable it
// sets.
//
//   struct Settings { std::string listen = "127.0.0.1:7401"; absl::Duration timeout =
//   absl::Seconds(1); }; Settings settings; Options options; options.AddString("listen",
//   &settings.listen, {.help = "Address of the gRPC door."}); options.AddDuration("timeout",
//   &settings.timeout, absl::Milliseconds(1), absl::Minutes(1),
//                       {.help = "...", .reason = "..."});
//
// The value that the variable holds when it is added is the default. One name gives all spellings:
// --operation-timeout, QC_OPERATION_TIMEOUT, and operation_timeout in a TOML file. Where values
// come from is the business of config.h.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/runtime/option_text.h"

namespace quorumcache::runtime {

// How a value is written in a TOML file.
enum class OptionType { kString, kInteger, kDouble, kBool, kDuration, kByteSize, kList };

struct OptionText {
  // What it does; one sentence.
  std::string help;
  // Why the default is what it is; for docs/OPERATIONS.md and --help.
  std::string reason = "";
  // The word for its value in the help, such as FILE; empty: by its type.
  std::string value_name = "";
  // A one-letter flag beside the long one; 0: none.
  char short_name = 0;
};

struct Option {
  std::string name;
  OptionType type;
  OptionText text;
  // "1ms to 1m"; empty: anything of its type.
  std::string accepts;
  std::string default_value;
  // Where the present value is from: "default", "--listen", "QC_LISTEN", "qc.toml:3".
  std::string source = "default";
  // Sets the variable; exactly one element, save for lists. INVALID_ARGUMENT, without the option's
  // name.
  std::function<absl::Status(const std::vector<std::string>&)> set;
  // The present value: one element, save for lists.
  std::function<std::vector<std::string>()> get;

  std::string flag() const { return "--" + name; }
  // QC_UPPER_SNAKE.
  std::string environment_variable() const;
  // lower_snake.
  std::string toml_key() const;
};

// Thread-compatible. The variables must outlive it.
class Options {
 public:
  void AddString(std::string name, std::string* target, OptionText text);
  // Only the listed words.
  void AddChoice(std::string name, std::string* target, std::vector<std::string> choices,
                 OptionText text);
  void AddBool(std::string name, bool* target, OptionText text);
  void AddDouble(std::string name, double* target, double min, double max, OptionText text);
  void AddDuration(std::string name, absl::Duration* target, absl::Duration min, absl::Duration max,
                   OptionText text);
  // Comma-separated; as a flag it may also be repeated.
  void AddList(std::string name, std::vector<std::string>* target, OptionText text);
  // In [min, max], which must fit into int64_t.
  template <typename T>
  void AddInteger(std::string name, T* target, T min, T max, OptionText text);
  template <typename T>
  void AddByteSize(std::string name, T* target, T min, T max, OptionText text);

  // nullptr: there is none.
  Option* Find(absl::string_view name);
  Option* FindShort(char short_name);
  // In the order of adding.
  const std::vector<Option>& all() const { return options_; }
  std::vector<Option>& all() { return options_; }

  // Sets `option`; the error names the option, the source and what is accepted.
  static absl::Status Set(Option& option, const std::vector<std::string>& values,
                          std::string source);

 private:
  void Add(Option option);
  // Range-checked scalars share this: `parse` gives an error or has set the variable.
  void AddScalar(std::string name, OptionType type, OptionText text, std::string accepts,
                 std::function<absl::Status(const std::string&)> parse,
                 std::function<std::string()> print);

  std::vector<Option> options_;
};

namespace internal {
// INVALID_ARGUMENT "... is out of range".
absl::Status OutOfRange(absl::string_view text);
}  // namespace internal

template <typename T>
void Options::AddInteger(std::string name, T* target, T min, T max, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kInteger, std::move(text),
      std::to_string(min) + " to " + std::to_string(max),
      [target, min, max](const std::string& value) -> absl::Status {
        QC_ASSIGN_OR_RETURN(const int64_t number, ParseInteger(value));
        if (number < static_cast<int64_t>(min) || number > static_cast<int64_t>(max)) {
          return internal::OutOfRange(value);
        }
        *target = static_cast<T>(number);
        return absl::OkStatus();
      },
      [target] { return std::to_string(*target); });
}

template <typename T>
void Options::AddByteSize(std::string name, T* target, T min, T max, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kByteSize, std::move(text),
      FormatByteSize(min) + " to " + FormatByteSize(max),
      [target, min, max](const std::string& value) -> absl::Status {
        QC_ASSIGN_OR_RETURN(const uint64_t bytes, ParseByteSize(value));
        if (bytes < static_cast<uint64_t>(min) || bytes > static_cast<uint64_t>(max)) {
          return internal::OutOfRange(value);
        }
        *target = static_cast<T>(bytes);
        return absl::OkStatus();
      },
      [target] { return FormatByteSize(*target); });
}

}  // namespace quorumcache::runtime
