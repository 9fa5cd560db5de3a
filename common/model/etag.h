// SPDX-License-Identifier: Apache-2.0
// The text form of a version, as clients see it: `epoch.hlc.proposer` in lower-case hexadecimal.
//
// Opaque to clients; they only compare it and send it back in if_etag, If-Match and `first`.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/model/ballot.h"

namespace quorumcache::model {

// At most 42 characters, no leading zeros: equal ballots have equal texts.
std::string FormatEtag(const Ballot& ballot);

// The ballot that FormatEtag made `text` from; nullopt for every other text, leading zeros and
// upper case included, so that two texts never mean one version.
std::optional<Ballot> ParseEtag(absl::string_view text);

}  // namespace quorumcache::model
