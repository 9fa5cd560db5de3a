// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/dump.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/history/json_lines.h"

namespace quorumcache::histories {

absl::StatusOr<std::string> DumpHistory(const RunReport& report, uint64_t seed,
                                        const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::string path = absl::StrCat(directory, "/histories-", seed, ".jsonl");
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << history::ToJsonLines(report.history);
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return path;
}

std::string Explain(const RunReport& report, uint64_t seed, absl::string_view options) {
  if (report.ok()) return "";
  return absl::StrCat(
      "VIOLATION with seed ", seed, "; to run the same workloads and faults again:\n",
      "  qc-histories --seed ", seed, " --runs 1", options, "\nfaults:\n  ",
      absl::StrJoin(report.faults, "\n  "), "\nwrong:\n  ",
      absl::StrJoin(report.violations, "\n  "), "\n", history::Describe(report.evidence));
}

}  // namespace quorumcache::histories
