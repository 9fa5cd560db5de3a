// SPDX-License-Identifier: Apache-2.0
// Runs every tests/scenarios/*.txt: each is a test of its own, named after its file.
//
// A file is a row of blocks: comment lines (#), one command, `----`, what the operation does then.
// With QC_SCENARIO_REWRITE=1 the files are rewritten with what it did; read the diff.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/scenarios/scenario_driver.h"

namespace quorumcache::scenarios {
namespace {

struct Block {
  std::string comment;  // whole lines
  std::string command;
  std::string expected;
};

std::vector<Block> ParseBlocks(const std::string& text) {
  std::vector<Block> blocks;
  Block block;
  bool in_output = false;
  auto finish = [&] {
    if (!block.command.empty() || !block.comment.empty()) blocks.push_back(block);
    block = Block{};
    in_output = false;
  };
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() && in_output) {
      finish();
    } else if (line == "----") {
      in_output = true;
    } else if (in_output) {
      absl::StrAppend(&block.expected, block.expected.empty() ? "" : "\n", line);
    } else if (absl::StartsWith(line, "#")) {
      absl::StrAppend(&block.comment, line, "\n");
    } else if (!line.empty()) {
      block.command = std::string(line);
    }
  }
  finish();
  return blocks;
}

std::string FormatBlocks(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", block.comment, block.command, "\n----\n");
    if (!block.expected.empty()) absl::StrAppend(&text, block.expected, "\n");
  }
  return text;
}

class ScenarioTest : public testing::Test {
 public:
  explicit ScenarioTest(std::filesystem::path path) : path_(std::move(path)) {}

  void TestBody() override {
    std::ifstream file(path_);
    std::stringstream text;
    text << file.rdbuf();
    std::vector<Block> blocks = ParseBlocks(text.str());
    ASSERT_FALSE(blocks.empty());

    ScenarioDriver driver;
    for (Block& block : blocks) {
      const std::string actual = driver.Perform(block.command);
      if (std::getenv("QC_SCENARIO_REWRITE") == nullptr) {
        ASSERT_EQ(actual, block.expected) << block.comment << block.command;
      }
      block.expected = actual;
    }
    if (std::getenv("QC_SCENARIO_REWRITE") != nullptr) {
      std::ofstream(path_) << FormatBlocks(blocks);
    }
  }

 private:
  std::filesystem::path path_;
};

}  // namespace
}  // namespace quorumcache::scenarios

int main(int argc, char** argv) {
  using quorumcache::scenarios::ScenarioTest;
  testing::InitGoogleTest(&argc, argv);
  for (const auto& entry : std::filesystem::directory_iterator(QC_SCENARIO_DIR)) {
    if (entry.path().extension() != ".txt" || entry.path().stem() == "CMakeLists") continue;
    const std::filesystem::path path = entry.path();
    testing::RegisterTest("ScenarioTest", path.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [path]() -> testing::Test* { return new ScenarioTest(path); });
  }
  return RUN_ALL_TESTS();
}
