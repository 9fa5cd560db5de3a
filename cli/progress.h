// SPDX-License-Identifier: Apache-2.0
// Progress: tells on standard error how far a long command has come: a bar on a terminal, else a
// line now and then.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace quorumcache::cli {

// "[=====>    ] 52% detail", for `fraction` in [0, 1].
std::string ProgressBar(double fraction, const std::string& detail);

// Thread-compatible.
class Progress {
 public:
  Progress();
  // Cheap when called often: shows itself ten times a second on a terminal, else every ten seconds.
  void Update(double fraction, const std::string& detail);
  bool Due(absl::Time now) const { return now >= next_; }
  // Leaves the bar's line.
  void Finish();

 private:
  const bool terminal_;
  absl::Time next_;
  bool shown_ = false;
};

}  // namespace quorumcache::cli
