// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/identity.h"

#include <map>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/hash/crc32c.h"

namespace quorumcache::node_service {
namespace {

constexpr char kHeader[] = "quorumcache-node-identity 1";
constexpr char kChecksumField[] = "crc32c";

// The checksum of everything up to its own line.
std::string ChecksumOf(absl::string_view text) {
  return absl::StrCat(absl::Hex(hash::Crc32c(text), absl::kZeroPad8));
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the identity file is damaged (", what,
      "); this node cannot know what it has promised: replace it with an empty directory and "
      "`qcctl node replace`"));
}

absl::Status Refused(absl::string_view why) {
  return absl::FailedPreconditionError(why);
}

std::string ReplaceHint(absl::string_view node_id) {
  return absl::StrCat("; to bring the node back, replace it: `qcctl node replace ", node_id, "`");
}

absl::Status CheckWithoutIdentity(const StartFacts& facts) {
  if (facts.has_data) {
    return Refused(
        "the data directory has data but no identity file: it was not made by this node, or the "
        "file was lost; use an empty directory");
  }
  return absl::OkStatus();
}

}  // namespace

std::string FormatIdentity(const Identity& identity) {
  std::string text =
      absl::StrCat(kHeader, "\ncluster_id ", identity.cluster_id, "\nnode_id ", identity.node_id,
                   "\nincarnation ", absl::Hex(identity.incarnation, absl::kZeroPad16),
                   "\nboot_id ", identity.boot_id, "\nclean ", identity.is_clean ? "yes" : "no",
                   "\nwaiting ", identity.is_waiting ? "yes" : "no", "\n");
  absl::StrAppend(&text, kChecksumField, " ", ChecksumOf(text), "\n");
  return text;
}

absl::StatusOr<Identity> ParseIdentity(absl::string_view text) {
  const size_t checksum_at = text.rfind(absl::StrCat("\n", kChecksumField, " "));
  if (checksum_at == absl::string_view::npos) return Damaged("no checksum");
  const absl::string_view body = text.substr(0, checksum_at + 1);
  if (text.substr(body.size()) != absl::StrCat(kChecksumField, " ", ChecksumOf(body), "\n")) {
    return Damaged("checksum mismatch");
  }
  std::vector<std::string> lines = absl::StrSplit(body, '\n', absl::SkipEmpty());
  if (lines.empty() || lines[0] != kHeader) return Damaged("unknown format");
  std::map<std::string, std::string> fields;
  for (size_t i = 1; i < lines.size(); ++i) {
    fields.insert(
        std::pair<std::string, std::string>(absl::StrSplit(lines[i], absl::MaxSplits(' ', 1))));
  }
  Identity identity{.cluster_id = fields["cluster_id"],
                    .node_id = fields["node_id"],
                    .boot_id = fields["boot_id"],
                    .is_clean = fields["clean"] == "yes",
                    .is_waiting = fields["waiting"] == "yes"};
  if (!absl::SimpleHexAtoi(fields["incarnation"], &identity.incarnation) ||
      identity.incarnation == 0) {
    return Damaged("no incarnation");
  }
  return identity;
}

absl::Status CheckStart(const StartFacts& facts) {
  if (!facts.identity.has_value()) return CheckWithoutIdentity(facts);
  const Identity& identity = *facts.identity;
  if (identity.cluster_id != facts.cluster_id) {
    return Refused(absl::StrCat("the data directory belongs to cluster ", identity.cluster_id,
                                ", not to ", facts.cluster_id, "; nothing was changed"));
  }
  if (identity.node_id != facts.node_id) {
    return Refused(absl::StrCat("the data directory belongs to node ", identity.node_id,
                                ", not to ", facts.node_id, "; nothing was changed"));
  }
  if (MustWait(facts) && !identity.is_waiting) {
    return Refused(absl::StrCat(
        "the data directory is incarnation ", absl::Hex(identity.incarnation), " of node ",
        facts.node_id, ", but the cluster map has bound ", absl::Hex(facts.bound_incarnation),
        ": another directory has taken its place; keep this one for a look, and start with an "
        "empty one"));
  }
  if (!identity.is_clean && identity.boot_id != facts.boot_id && !facts.accept_rollback) {
    return Refused(absl::StrCat(
        "node ", facts.node_id,
        " did not stop in good order and the machine has restarted since: "
        "writes that were acknowledged from the page cache may be gone, and a replica that has "
        "forgotten them would make reads go back in time",
        ReplaceHint(facts.node_id),
        " (or, where it is acceptable that reads go back to before the last second: "
        "--accept-rollback. Durability FSYNC does not rule that out: promises and what reads have "
        "written back are not fsynced)"));
  }
  return absl::OkStatus();
}

bool MustWait(const StartFacts& facts) {
  const uint64_t own = facts.identity.has_value() ? facts.identity->incarnation : 0;
  return facts.bound_incarnation != 0 && facts.bound_incarnation != own;
}

}  // namespace quorumcache::node_service
