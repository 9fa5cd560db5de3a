// SPDX-License-Identifier: Apache-2.0
#include <toml++/toml.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/runtime/config.h"
#include "common/runtime/suggest.h"

namespace quorumcache::runtime {
namespace {

absl::string_view TomlForm(OptionType type) {
  switch (type) {
    case OptionType::kString:
      return "a string";
    case OptionType::kInteger:
      return "an integer";
    case OptionType::kDouble:
      return "a number";
    case OptionType::kBool:
      return "true or false";
    case OptionType::kDuration:
      return "a string such as \"250ms\"";
    case OptionType::kByteSize:
      return "an integer, or a string such as \"64MiB\"";
    case OptionType::kList:
      return "an array of strings";
  }
  return "";
}

bool TypeFits(const toml::node& node, OptionType type) {
  switch (type) {
    case OptionType::kString:
    case OptionType::kDuration:
      return node.is_string();
    case OptionType::kInteger:
      return node.is_integer();
    case OptionType::kDouble:
      return node.is_number();
    case OptionType::kBool:
      return node.is_boolean();
    case OptionType::kByteSize:
      return node.is_string() || node.is_integer();
    case OptionType::kList:
      return node.is_array() &&
             (node.as_array()->empty() || node.as_array()->is_homogeneous(toml::node_type::string));
  }
  return false;
}

// Requires: TypeFits.
std::string ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return **text;
  if (const auto* number = node.as_integer()) return absl::StrCat(**number);
  if (const auto* number = node.as_floating_point()) return FormatDouble(**number);
  return **node.as_boolean() ? "true" : "false";
}

std::vector<std::string> Texts(const toml::node& node) {
  if (!node.is_array()) return {ScalarText(node)};
  std::vector<std::string> texts;
  for (const toml::node& element : *node.as_array()) texts.push_back(ScalarText(element));
  return texts;
}

absl::Status ApplyKey(const toml::key& key, const toml::node& node, const std::string& file,
                      Options& options) {
  const std::string source = absl::StrCat(file, ":", key.source().begin.line);
  const std::string name(key.str());
  std::vector<std::string> known;
  for (Option& option : options.all()) {
    if (option.toml_key() != name) {
      known.push_back(option.toml_key());
      continue;
    }
    if (!TypeFits(node, option.type)) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " must be ", TomlForm(option.type), " (from ", source, ")"));
    }
    return Options::Set(option, Texts(node), source);
  }
  const std::string near = Nearest(name, known);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown key ", name, " (from ", source, ")",
                   near.empty() ? std::string() : absl::StrCat("; did you mean ", near, "?")));
}

std::string Quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string TomlValue(const Option& option) {
  const std::vector<std::string> values = option.get();
  if (option.type == OptionType::kList) {
    std::vector<std::string> quoted;
    for (const std::string& value : values) quoted.push_back(Quoted(value));
    return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
  }
  const bool bare = option.type == OptionType::kInteger || option.type == OptionType::kDouble ||
                    option.type == OptionType::kBool;
  return bare ? values[0] : Quoted(values[0]);
}

}  // namespace

absl::Status ApplyToml(const std::string& toml, const std::string& file, Options& options) {
  toml::table table;
  // Debian's build of the library reports errors by exception only.
  try {
    table = toml::parse(toml, file);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", error.source().begin.line, ": not valid TOML: ",
                     absl::string_view(error.description().data(), error.description().size())));
  }
  for (const auto& [key, node] : table) QC_RETURN_IF_ERROR(ApplyKey(key, node, file, options));
  return absl::OkStatus();
}

std::string PrintToml(const Options& options) {
  std::string out;
  for (const Option& option : options.all()) {
    absl::StrAppend(&out, "# ", option.text.help, "\n");
    if (option.source != "default") absl::StrAppend(&out, "# From ", option.source, ".\n");
    absl::StrAppend(&out, option.toml_key(), " = ", TomlValue(option), "\n\n");
  }
  return out;
}

}  // namespace quorumcache::runtime
