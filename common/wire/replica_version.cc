// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/wire/replica_wire.h"

namespace quorumcache::wire {
namespace {

uint32_t Oldest(const Hello& hello) {
  return hello.oldest_version == 0 ? hello.protocol_version : hello.oldest_version;
}

std::string Spoken(const Hello& hello) {
  const uint32_t oldest = Oldest(hello);
  if (oldest == hello.protocol_version) return absl::StrCat("version ", oldest);
  return absl::StrCat("versions ", oldest, " to ", hello.protocol_version);
}

}  // namespace

absl::StatusOr<uint32_t> NegotiateVersion(const Hello& own, const Hello& peer) {
  const uint32_t version = std::min(own.protocol_version, peer.protocol_version);
  if (version >= std::max({Oldest(own), Oldest(peer), uint32_t{1}})) return version;
  return absl::FailedPreconditionError(absl::StrCat("this process speaks protocol ", Spoken(own),
                                                    ", not ", Spoken(peer),
                                                    ": upgrade the older one first"));
}

}  // namespace quorumcache::wire
