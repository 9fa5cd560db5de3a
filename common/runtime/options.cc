// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/options.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"

namespace quorumcache::runtime {

absl::Status internal::OutOfRange(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(text, " is out of range"));
}

std::string Option::environment_variable() const {
  return absl::StrCat("QC_", absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"-", "_"}}));
}

std::string Option::toml_key() const {
  return absl::StrReplaceAll(name, {{"-", "_"}});
}

void Options::Add(Option option) {
  QC_CHECK(Find(option.name) == nullptr);
  option.default_value = absl::StrJoin(option.get(), ",");
  options_.push_back(std::move(option));
}

void Options::AddScalar(std::string name, OptionType type, OptionText text, std::string accepts,
                        std::function<absl::Status(const std::string&)> parse,
                        std::function<std::string()> print) {
  Add({.name = std::move(name),
       .type = type,
       .text = std::move(text),
       .accepts = std::move(accepts),
       .set =
           [parse = std::move(parse)](const std::vector<std::string>& values) {
             QC_CHECK(values.size() == 1);
             return parse(values[0]);
           },
       .get = [print = std::move(print)] { return std::vector<std::string>{print()}; }});
}

void Options::AddString(std::string name, std::string* target, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kString, std::move(text), "",
      [target](const std::string& value) {
        *target = value;
        return absl::OkStatus();
      },
      [target] { return *target; });
}

void Options::AddChoice(std::string name, std::string* target, std::vector<std::string> choices,
                        OptionText text) {
  std::string accepts = absl::StrJoin(choices, ", ");
  AddScalar(
      std::move(name), OptionType::kString, std::move(text), std::move(accepts),
      [target, choices = std::move(choices)](const std::string& value) -> absl::Status {
        if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
          return absl::InvalidArgumentError(absl::StrCat("\"", value, "\" is not one of these"));
        }
        *target = value;
        return absl::OkStatus();
      },
      [target] { return *target; });
}

void Options::AddBool(std::string name, bool* target, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kBool, std::move(text), "",
      [target](const std::string& value) -> absl::Status {
        QC_ASSIGN_OR_RETURN(*target, ParseBool(value));
        return absl::OkStatus();
      },
      [target] { return std::string(*target ? "true" : "false"); });
}

void Options::AddDouble(std::string name, double* target, double min, double max, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kDouble, std::move(text),
      absl::StrCat(FormatDouble(min), " to ", FormatDouble(max)),
      [target, min, max](const std::string& value) -> absl::Status {
        QC_ASSIGN_OR_RETURN(const double number, ParseDouble(value));
        if (number < min || number > max) return internal::OutOfRange(value);
        *target = number;
        return absl::OkStatus();
      },
      [target] { return FormatDouble(*target); });
}

void Options::AddDuration(std::string name, absl::Duration* target, absl::Duration min,
                          absl::Duration max, OptionText text) {
  AddScalar(
      std::move(name), OptionType::kDuration, std::move(text),
      absl::StrCat(absl::FormatDuration(min), " to ", absl::FormatDuration(max)),
      [target, min, max](const std::string& value) -> absl::Status {
        QC_ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(value));
        if (duration < min || duration > max) return internal::OutOfRange(value);
        *target = duration;
        return absl::OkStatus();
      },
      [target] { return absl::FormatDuration(*target); });
}

void Options::AddList(std::string name, std::vector<std::string>* target, OptionText text) {
  Add({.name = std::move(name),
       .type = OptionType::kList,
       .text = std::move(text),
       .set =
           [target](const std::vector<std::string>& values) {
             target->clear();
             for (const std::string& value : values) {
               for (absl::string_view part : absl::StrSplit(value, ',', absl::SkipWhitespace())) {
                 target->emplace_back(absl::StripAsciiWhitespace(part));
               }
             }
             return absl::OkStatus();
           },
       .get = [target] { return *target; }});
}

Option* Options::Find(absl::string_view name) {
  for (Option& option : options_) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

Option* Options::FindShort(char short_name) {
  for (Option& option : options_) {
    if (option.text.short_name == short_name) return &option;
  }
  return nullptr;
}

absl::Status Options::Set(Option& option, const std::vector<std::string>& values,
                          std::string source) {
  if (const absl::Status status = option.set(values); !status.ok()) {
    const std::string from =
        source == option.flag() ? std::string() : absl::StrCat(" (from ", source, ")");
    const std::string expected =
        option.accepts.empty() ? std::string() : absl::StrCat("; expected ", option.accepts);
    return absl::InvalidArgumentError(
        absl::StrCat(option.flag(), ": ", status.message(), expected, from));
  }
  option.source = std::move(source);
  return absl::OkStatus();
}

}  // namespace quorumcache::runtime
