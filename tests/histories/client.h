// SPDX-License-Identifier: Apache-2.0
// Client: one user of the cluster, who asks one thing at a time and writes down what it is told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "tests/histories/door.h"
#include "tests/histories/recorder.h"
#include "tests/history/history.h"

namespace quorumcache::histories {

struct ClientTotals {
  uint64_t acknowledged_writes = 0;
  uint64_t reads = 0;
  uint64_t unknown_writes = 0;
  // Answers to the second and later tries of a request id.
  uint64_t retries = 0;
  // Operations that ended without what was asked for, conditions that were not met apart.
  uint64_t failed = 0;
  // Errors by reason; the transport's under "".
  std::map<std::string, uint64_t> errors;

  void Add(const ClientTotals& other);
};

// What came of an operation: the record of it, and what a user would go on with.
struct Done {
  history::ClientOp op;
  std::string etag;
  std::string value;  // Get
  // Of the last error; "" where it comes from the transport.
  std::string reason;
  std::string message;

  bool ok() const { return op.outcome == history::ClientOutcome::kOk; }
};

// Thread-compatible.
class Client {
 public:
  // `doors`: asked in turn, the next one after an error that another may not give. `recorder`
  // outlives it.
  Client(uint64_t seed, std::vector<std::unique_ptr<Door>> doors, bool returns_previous,
         Recorder& recorder);

  // Asks until the outcome is known or that cannot be had: an `unknown` is asked again with its
  // request id and `first` where the error gave one. Records the operation.
  Done Perform(Ask ask);

  base::Random& random() { return random_; }
  int64_t NewNumber() { return recorder_.NewNumber(); }
  // Whether its doors can tell what a write replaced.
  bool returns_previous() const { return returns_previous_; }
  // From now on with consistency ONE, which promises nothing.
  void MakeWeak() { weak_ = true; }
  const ClientTotals& totals() const { return totals_; }

 private:
  Answer TryUntilKnown(Ask& ask);
  void Count(const history::ClientOp& op);

  base::Random random_;
  std::vector<std::unique_ptr<Door>> doors_;
  size_t door_ = 0;
  const bool returns_previous_;
  bool weak_ = false;
  Recorder& recorder_;
  int32_t process_;
  ClientTotals totals_;
};

}  // namespace quorumcache::histories
