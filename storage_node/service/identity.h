// SPDX-License-Identifier: Apache-2.0
// Identity: which node of which cluster a data directory belongs to, and whether it may serve.
//
// A replica that has forgotten something it promised breaks safety (docs/PROTOCOL.md#replica), so a
// directory that may be older than what its node has said is refused: another node's, one that a
// newer incarnation has replaced, and one whose machine went down (another boot id) while the node
// ran, because what was only in the page cache is gone. A wiped one becomes a new incarnation,
// which takes no part until an operator has it replace the old one. Pure: the decision is a
// function, the file is a text; data_directory.h does the I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::node_service {

// What the identity file says. Value.
struct Identity {
  std::string cluster_id;
  std::string node_id;
  // Random number of the data directory; not 0.
  uint64_t incarnation = 0;
  // Of the machine when the node last started (/proc/sys/kernel/random/boot_id).
  std::string boot_id;
  // The node stopped in good order: everything is fsynced.
  bool is_clean = false;
  // Made where the map had bound the node's name to another directory: it has been in no map yet,
  // and waits for `qcctl node replace`.
  bool is_waiting = false;

  friend bool operator==(const Identity&, const Identity&) = default;
};

// One field a line, a checksum at the end.
std::string FormatIdentity(const Identity& identity);
// DATA_LOSS, saying what is wrong.
absl::StatusOr<Identity> ParseIdentity(absl::string_view text);

// What is known when a node starts.
struct StartFacts {
  // From the command line and the cluster map.
  std::string cluster_id;
  std::string node_id;
  // What the map has bound this node id to; 0: nothing yet.
  uint64_t bound_incarnation = 0;
  // nullopt: the directory has no identity.
  std::optional<Identity> identity;
  // There is data in the directory.
  bool has_data = false;
  std::string boot_id;
  // The operator takes the risk that the directory is older than what the node has said.
  bool accept_rollback = false;
};

// OK: serve as `identity` says, or start a new one where there is none; but see MustWait.
// FAILED_PRECONDITION: what is wrong, what it would break, and what to do.
absl::Status CheckStart(const StartFacts& facts);

// Of facts that CheckStart has let pass: the map knows the node by another directory, whose
// promises this one does not have. It runs, and takes no part until it replaces that one.
bool MustWait(const StartFacts& facts);

}  // namespace quorumcache::node_service
