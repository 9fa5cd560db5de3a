// SPDX-License-Identifier: Apache-2.0
#include "cli/value_source.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "common/base/limits.h"

namespace quorumcache::cli {
namespace {

// Reads one byte more than any cluster takes, so that a huge file is refused and not loaded.
absl::StatusOr<std::string> ReadStream(std::istream& in, const std::string& name) {
  std::string value(limits::kValueSizeBytesMaxCeiling + 1, '\0');
  in.read(value.data(), static_cast<std::streamsize>(value.size()));
  value.resize(static_cast<size_t>(in.gcount()));
  if (in.bad() || (value.empty() && !in.eof())) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", name));
  }
  if (value.size() > limits::kValueSizeBytesMaxCeiling) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is larger than any value may be (",
                                                   limits::kValueSizeBytesMaxCeiling, " bytes)"));
  }
  return value;
}

}  // namespace

void ValueSource::AddTo(runtime::Options& options) {
  options.AddString("file", &file_,
                    {.help = "Take the value from this file; -: from standard input.",
                     .value_name = "FILE",
                     .short_name = 'f'});
  options.AddString("content-type", &content_type_,
                    {.help = "The media type that HTTP clients get with it."});
}

absl::StatusOr<std::string> ValueSource::Read(const std::vector<std::string>& arguments,
                                              size_t index) const {
  const bool given = index < arguments.size();
  if (given == !file_.empty()) return UsageError("give the value either as VALUE or by --file");
  if (given) return arguments[index];
  if (file_ == "-") return ReadStream(std::cin, "standard input");
  std::ifstream file(file_, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot open ", file_));
  return ReadStream(file, file_);
}

}  // namespace quorumcache::cli
