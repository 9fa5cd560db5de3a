// SPDX-License-Identifier: Apache-2.0
// TempDir: a fresh directory that goes away with its owner.
#pragma once

#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::support {

// Made under TMPDIR (or the system's default), with a random name. Removed with all that is in it
// by the destructor, also when the test has failed. Thread-compatible.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // path()/name as a string; nothing is created.
  std::string File(absl::string_view name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace quorumcache::support
