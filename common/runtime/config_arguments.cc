// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/runtime/config.h"
#include "common/runtime/suggest.h"

namespace quorumcache::runtime {
namespace {

// Walks the arguments once; one object a call of ApplyArguments.
class ArgumentReader {
 public:
  ArgumentReader(const std::vector<std::string>& arguments, Options& options)
      : arguments_(arguments), options_(options) {}

  absl::StatusOr<std::vector<std::string>> Read() {
    std::vector<std::string> rest;
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (argument == "--") {
        rest.insert(rest.end(), arguments_.begin() + next_, arguments_.end());
        break;
      }
      if (absl::StartsWith(argument, "--")) {
        QC_RETURN_IF_ERROR(ReadLong(absl::string_view(argument).substr(2)));
      } else if (argument.size() > 1 && argument[0] == '-' && !IsNumber(argument)) {
        QC_RETURN_IF_ERROR(ReadShort(argument));
      } else {
        rest.push_back(argument);
      }
    }
    return rest;
  }

 private:
  // "-5" is a value.
  static bool IsNumber(const std::string& argument) { return absl::ascii_isdigit(argument[1]); }

  absl::Status ReadLong(absl::string_view argument) {
    const size_t equals = argument.find('=');
    const absl::string_view name = argument.substr(0, equals);
    Option* option = options_.Find(name);
    if (option == nullptr) return Unknown(name);
    if (equals != absl::string_view::npos) {
      return Set(*option, std::string(argument.substr(equals + 1)));
    }
    return SetFromNext(*option);
  }

  absl::Status ReadShort(const std::string& argument) {
    Option* option = options_.FindShort(argument[1]);
    if (option == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("unknown flag ", argument));
    }
    if (argument.size() > 2) return Set(*option, argument.substr(2));
    return SetFromNext(*option);
  }

  absl::Status SetFromNext(Option& option) {
    if (option.type == OptionType::kBool) return Set(option, "true");
    if (next_ == arguments_.size()) {
      return absl::InvalidArgumentError(absl::StrCat(option.flag(), " needs a value"));
    }
    return Set(option, arguments_[next_++]);
  }

  // A repeated list grows; its first flag replaces what weaker sources said. Of a repeated scalar
  // the last one counts.
  absl::Status Set(Option& option, std::string value) {
    std::vector<std::string> values;
    if (option.type == OptionType::kList && option.source == option.flag()) values = option.get();
    values.push_back(std::move(value));
    return Options::Set(option, values, option.flag());
  }

  absl::Status Unknown(absl::string_view name) const {
    std::vector<std::string> known;
    for (const Option& option : options_.all()) known.push_back(option.name);
    const std::string near = Nearest(name, known);
    return absl::InvalidArgumentError(
        absl::StrCat("unknown flag --", name,
                     near.empty() ? std::string() : absl::StrCat("; did you mean --", near, "?")));
  }

  const std::vector<std::string>& arguments_;
  Options& options_;
  size_t next_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ApplyArguments(const std::vector<std::string>& arguments,
                                                        Options& options) {
  // What an earlier pass over the same arguments has left in a list must not be appended to.
  for (Option& option : options.all()) {
    if (option.source == option.flag()) option.source = "earlier";
  }
  return ArgumentReader(arguments, options).Read();
}

}  // namespace quorumcache::runtime
