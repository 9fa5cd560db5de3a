// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_io.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::topology_file {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;

TEST(FileIoTest, SplitsPaths) {
  EXPECT_EQ(DirectoryOf("a/b/c"), "a/b");
  EXPECT_EQ(NameOf("a/b/c"), "c");
  EXPECT_EQ(DirectoryOf("c"), ".");
  EXPECT_EQ(NameOf("c"), "c");
  EXPECT_EQ(DirectoryOf("/c"), "/");
  EXPECT_EQ(NameOf("/c"), "c");
}

TEST(FileIoTest, ReadsWhatWasWritten) {
  const support::TempDir dir;
  const std::string bytes(100000, 'x');

  ASSERT_THAT(ReplaceFile(dir.File("f"), bytes), IsOk());
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 1 << 20), IsOkAndHolds(bytes));

  ASSERT_THAT(ReplaceFile(dir.File("f"), ""), IsOk());
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 1 << 20), IsOkAndHolds(""));
}

TEST(FileIoTest, ReplacingLeavesNothingBeside) {
  const support::TempDir dir;
  std::ofstream(dir.File("f.tmp")) << "left by a crash, and longer than what comes";

  ASSERT_THAT(ReplaceFile(dir.File("f"), "new"), IsOk());

  EXPECT_THAT(ReadWholeFile(dir.File("f"), 100), IsOkAndHolds("new"));
  EXPECT_FALSE(std::filesystem::exists(dir.File("f.tmp")));
}

TEST(FileIoTest, AReaderKeepsTheFileItOpened) {
  const support::TempDir dir;
  ASSERT_THAT(ReplaceFile(dir.File("f"), "old"), IsOk());
  std::ifstream reader(dir.File("f"));

  ASSERT_THAT(ReplaceFile(dir.File("f"), "new"), IsOk());

  std::string seen;
  reader >> seen;
  EXPECT_EQ(seen, "old");
}

TEST(FileIoTest, AMissingFileIsNotFound) {
  const support::TempDir dir;
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 100),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no cluster has been made here")));
}

TEST(FileIoTest, ADirectoryIsNoFile) {
  const support::TempDir dir;
  EXPECT_THAT(ReadWholeFile(dir.path().string(), 100),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not a file")));
}

TEST(FileIoTest, APipeDoesNotBlockTheReader) {
  const support::TempDir dir;
  ASSERT_EQ(mkfifo(dir.File("f").c_str(), 0600), 0);
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 100), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(FileIoTest, TooLargeAFileIsRefusedUnread) {
  const support::TempDir dir;
  ASSERT_THAT(ReplaceFile(dir.File("f"), "12345"), IsOk());
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 5), IsOkAndHolds("12345"));
  EXPECT_THAT(ReadWholeFile(dir.File("f"), 4),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("it has 5 bytes")));
}

TEST(FileIoTest, WritingIntoNowhereSaysWhere) {
  const support::TempDir dir;
  EXPECT_THAT(ReplaceFile(dir.File("no/f"), "x"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No such file or directory")));
}

TEST(FileIoTest, ReplacingADirectoryFailsAndLeavesNothing) {
  const support::TempDir dir;
  std::filesystem::create_directories(dir.File("f/inside"));

  EXPECT_THAT(ReplaceFile(dir.File("f"), "x"), StatusIs(absl::StatusCode::kUnavailable));

  EXPECT_TRUE(std::filesystem::exists(dir.File("f/inside")));
  EXPECT_FALSE(std::filesystem::exists(dir.File("f.tmp")));
}

TEST(FileIoTest, SignatureChangesWithEveryReplacement) {
  const support::TempDir dir;
  EXPECT_EQ(FileSignature(dir.File("f")), "");

  ASSERT_THAT(ReplaceFile(dir.File("f"), "same"), IsOk());
  const std::string first = FileSignature(dir.File("f"));
  EXPECT_NE(first, "");
  EXPECT_EQ(FileSignature(dir.File("f")), first);

  ASSERT_THAT(ReplaceFile(dir.File("f"), "same"), IsOk());
  EXPECT_NE(FileSignature(dir.File("f")), first);
}

}  // namespace
}  // namespace quorumcache::topology_file
