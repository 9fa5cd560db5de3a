// SPDX-License-Identifier: Apache-2.0
#include "common/topology/lease_held.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace quorumcache::topology {
namespace {

constexpr absl::string_view kBefore = "topology changes are driven by ";
constexpr absl::string_view kAfter = " now (";

}  // namespace

absl::Status LeaseHeldError(absl::string_view holder, absl::string_view place) {
  return absl::FailedPreconditionError(absl::StrCat(kBefore, holder, kAfter, place, ")"));
}

std::string HolderIn(const absl::Status& status) {
  absl::string_view text = status.message();
  if (!absl::IsFailedPrecondition(status) || !absl::ConsumePrefix(&text, kBefore)) return "";
  // A holder may have the words in its name; the place does not.
  return std::string(text.substr(0, text.rfind(kAfter)));
}

}  // namespace quorumcache::topology
