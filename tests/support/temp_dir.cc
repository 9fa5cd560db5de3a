// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <system_error>

#include "common/base/check.h"

namespace quorumcache::support {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "quorumcache-XXXXXX").string();
  QC_CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  // A destructor must not throw, and a left-over directory is no reason to fail a test.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::File(absl::string_view name) const {
  return (path_ / std::string(name)).string();
}

}  // namespace quorumcache::support
