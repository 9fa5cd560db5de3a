// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/output.h"

namespace quorumcache::cli {
namespace {

constexpr int kBarColumns = 30;

}  // namespace

std::string ProgressBar(double fraction, const std::string& detail) {
  fraction = std::clamp(fraction, 0.0, 1.0);
  const int filled = static_cast<int>(fraction * kBarColumns);
  std::string bar(static_cast<size_t>(filled), '=');
  if (filled < kBarColumns) bar += '>';
  bar.resize(kBarColumns, ' ');
  return absl::StrFormat("[%s] %3d%% %s", bar, static_cast<int>(fraction * 100), detail);
}

Progress::Progress()
    : terminal_(ErrorIsTerminal()),
      next_(absl::Now() + (terminal_ ? absl::ZeroDuration() : absl::Seconds(10))) {}

void Progress::Update(double fraction, const std::string& detail) {
  const absl::Time now = absl::Now();
  if (!Due(now)) return;
  next_ = now + (terminal_ ? absl::Milliseconds(100) : absl::Seconds(10));
  shown_ = true;
  if (terminal_) {
    // To the line's start, and away with what was longer.
    PrintError(absl::StrCat("\r", ProgressBar(fraction, detail), "\x1b[K"));
  } else {
    PrintError(absl::StrFormat("%d%% %s\n", static_cast<int>(fraction * 100), detail));
  }
}

void Progress::Finish() {
  if (terminal_ && shown_) PrintError("\r\x1b[K");
}

}  // namespace quorumcache::cli
