// SPDX-License-Identifier: Apache-2.0
#include "common/model/lineage.h"

#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/model/hlc.h"

namespace quorumcache::model {
namespace {

std::optional<uint64_t> HexDigit(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  const char lower = absl::ascii_tolower(c);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

// Dashes may stand where RFC 9562 puts them.
bool IsUuidDash(absl::string_view text, size_t i) {
  return text.size() == 36 && text[i] == '-' && (i == 8 || i == 13 || i == 18 || i == 23);
}

}  // namespace

std::optional<RequestId> RequestId::Parse(absl::string_view text) {
  RequestId id;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsUuidDash(text, i)) continue;
    const std::optional<uint64_t> digit = HexDigit(text[i]);
    if (!digit || digits == 32) return std::nullopt;
    uint64_t& half = digits < 16 ? id.high : id.low;
    half = (half << 4) | *digit;
    ++digits;
  }
  if (digits != 32) return std::nullopt;
  return id;
}

Lineage Lineage::Blind(const Ballot& ballot, std::optional<RequestId> request_id) {
  Lineage lineage;
  lineage.root_ = ballot;
  if (request_id) lineage.changes_.push_back(Change{*request_id, ballot, 1});
  return lineage;
}

Lineage Lineage::With(const Change& change) const {
  QC_CHECK(change.ballot > root_);
  Lineage longer;
  longer.root_ = root_;
  const size_t surplus = Surplus(change);
  longer.changes_.reserve(changes_.size() - surplus + 1);
  longer.changes_.assign(changes_.begin() + static_cast<ptrdiff_t>(surplus), changes_.end());
  longer.changes_.push_back(change);
  return longer;
}

size_t Lineage::Surplus(const Change& change) const {
  const size_t with_it = changes_.size() + 1;
  size_t surplus = with_it > limits::kLineageChangesMax ? with_it - limits::kLineageChangesMax : 0;
  const uint64_t now_ms = HlcMillis(change.ballot.hlc);
  while (with_it - surplus > limits::kLineageChangesMin &&
         HlcMillis(changes_[surplus].ballot.hlc) + limits::kLineageWindowMs < now_ms) {
    ++surplus;
  }
  return surplus;
}

std::optional<Change> Lineage::Find(const RequestId& request_id) const {
  for (const Change& change : changes_) {
    if (change.request_id == request_id) return change;
  }
  if (!root_.IsZero() && RequestId::FromBallot(root_) == request_id) {
    return Change{request_id, root_, 1};
  }
  return std::nullopt;
}

Ballot Lineage::OldestKnown() const {
  return changes_.size() >= limits::kLineageChangesMin ? changes_.front().ballot : root_;
}

}  // namespace quorumcache::model
