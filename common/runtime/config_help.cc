// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/runtime/config.h"

namespace quorumcache::runtime {
namespace {

absl::string_view ValueWord(const Option& option) {
  if (!option.text.value_name.empty()) return option.text.value_name;
  switch (option.type) {
    case OptionType::kString:
      return "TEXT";
    case OptionType::kInteger:
      return "N";
    case OptionType::kDouble:
      return "NUMBER";
    case OptionType::kBool:
      return "";
    case OptionType::kDuration:
      return "DURATION";
    case OptionType::kByteSize:
      return "SIZE";
    case OptionType::kList:
      return "LIST";
  }
  return "";
}

}  // namespace

std::string PrintOptionsHelp(const Options& options) {
  std::string out;
  for (const Option& option : options.all()) {
    absl::StrAppend(&out, "  ");
    if (option.text.short_name != 0) {
      absl::StrAppend(&out, "-", std::string(1, option.text.short_name), ", ");
    }
    const absl::string_view word = ValueWord(option);
    absl::StrAppend(&out, option.flag(), word.empty() ? "" : " ", word, "\n      ",
                    option.text.help);
    if (!option.accepts.empty()) absl::StrAppend(&out, " Accepts ", option.accepts, ".");
    if (!option.default_value.empty() && option.type != OptionType::kBool) {
      absl::StrAppend(&out, " Default ", option.default_value, ".");
    }
    absl::StrAppend(&out, "\n");
    if (!option.text.reason.empty()) absl::StrAppend(&out, "      ", option.text.reason, "\n");
  }
  return out;
}

}  // namespace quorumcache::runtime
