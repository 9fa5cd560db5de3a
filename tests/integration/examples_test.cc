// SPDX-License-Identifier: Apache-2.0
// The clients of docs/examples, in other languages, against a real cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_test.h"

namespace quorumcache::integration {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Example(const std::string& file) {
  return absl::StrCat(Environment("QC_SOURCE_DIR"), "/docs/examples/", file);
}

class ExamplesTest : public ClusterTest {};

// Debian's Python: that is where python3-grpcio is installed.
TEST_F(ExamplesTest, PythonClientSetsGetsDeletesAndReadsTheReason) {
  setenv("PYTHONPATH", Environment("QC_PROTO_PY_DIR").c_str(), 1);
  const CommandResult result =
      RunCommand({"/usr/bin/python3", Example("python/example.py"), cluster().Endpoints()[0]});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("True hello"), HasSubstr("deleted False"),
                                   HasSubstr("INVALID_ARGUMENT KEY_INVALID not_applied")));
}

// npm needs its registry; `./dev test` installs the packages and says so where it cannot.
TEST_F(ExamplesTest, NodeClientSetsGetsDeletes) {
  const std::string modules = Environment("QC_NODE_MODULES");
  if (!fs::exists(absl::StrCat(modules, "/@grpc/grpc-js"))) {
    GTEST_SKIP() << "NOT RUN: @grpc/grpc-js is not installed in QC_NODE_MODULES='" << modules
                 << "'";
  }
  setenv("NODE_PATH", modules.c_str(), 1);
  const CommandResult result =
      RunCommand({"/usr/bin/env", "node", Example("node/example.js"), cluster().Endpoints()[1],
                  absl::StrCat(Environment("QC_SOURCE_DIR"), "/proto")});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("true hello"), HasSubstr("deleted false"),
                                   HasSubstr("INVALID_ARGUMENT")));
}

}  // namespace
}  // namespace quorumcache::integration
