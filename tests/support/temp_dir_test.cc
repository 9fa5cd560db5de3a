// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace quorumcache::support {
namespace {

TEST(TempDirTest, DirectoryGoesAwayWithAllThatIsInIt) {
  std::filesystem::path path;

  {
    TempDir dir;
    path = dir.path();
    std::filesystem::create_directory(path / "below");
    std::ofstream(dir.File("below/file")) << "content";
    EXPECT_TRUE(std::filesystem::exists(path / "below" / "file"));
  }

  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TempDirTest, TwoDirectoriesDiffer) {
  TempDir a;
  TempDir b;

  EXPECT_NE(a.path(), b.path());
}

TEST(TempDirTest, FileIsNamedBelowTheDirectoryAndNotMade) {
  TempDir dir;

  EXPECT_EQ(dir.File("x"), (dir.path() / "x").string());
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace quorumcache::support
