// SPDX-License-Identifier: Apache-2.0
#include "common/model/key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/limits.h"

namespace quorumcache::model {
namespace {

bool IsNamespaceCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-';
}

}  // namespace

absl::Status ValidateKeyBytes(absl::string_view bytes) {
  if (bytes.empty()) {
    return absl::InvalidArgumentError("key is empty; it must be 1 to 4096 bytes");
  }
  if (bytes.size() > limits::kKeySizeBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("key is ", bytes.size(), " bytes; the most is ",
                                                   limits::kKeySizeBytesMax, " bytes"));
  }
  return absl::OkStatus();
}

std::string AbbreviatedKey(absl::string_view bytes) {
  constexpr size_t kShownMax = 8;
  const absl::string_view shown = bytes.substr(0, std::min(kShownMax, bytes.size() / 2));
  return absl::StrCat(absl::CHexEscape(shown), "...(", bytes.size(), " bytes)");
}

absl::Status ValidateNamespaceName(absl::string_view name) {
  if (name.empty() || name.size() > limits::kNamespaceSizeBytesMax ||
      !std::all_of(name.begin(), name.end(), IsNamespaceCharacter)) {
    return absl::InvalidArgumentError(
        "namespace must be 1 to 64 characters of a-z, 0-9, '_' and '-'");
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::model
