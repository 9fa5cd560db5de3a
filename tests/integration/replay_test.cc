// SPDX-License-Identifier: Apache-2.0
// `qcctl replay` on a trace: look-aside through the whole cluster, with the hit ratio that counting
// predicts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "tests/integration/cluster_test.h"
#include "tests/support/seed.h"

namespace quorumcache::integration {
namespace {

namespace fs = std::filesystem;

constexpr int kAccesses = 20000;
constexpr int kIds = 3000;

// A trace in cache2k's format (4-byte big-endian ids), with a few ids far more often than the rest.
// Returns the number of distinct ids.
size_t WriteTrace(const std::string& path, uint64_t seed) {
  base::Random random(seed);
  std::set<uint32_t> distinct;
  std::ofstream file(path, std::ios::binary);
  for (int i = 0; i < kAccesses; ++i) {
    const uint64_t bound = 1 + random.Uniform(kIds);
    const auto id = static_cast<uint32_t>(random.Uniform(bound));
    distinct.insert(id);
    for (const int shift : {24, 16, 8, 0}) file.put(static_cast<char>(id >> shift));
  }
  return distinct.size();
}

class ReplayTest : public ClusterTest {
 protected:
  static boost::json::object Replay(const std::string& file, const std::string& name_space) {
    setenv("QC_ENDPOINTS", cluster().Endpoints()[0].c_str(), 1);
    const CommandResult result = RunCommand({Binary("qcctl"), "replay", file, "--format", "cache2k",
                                             "--namespace", name_space, "-o", "json"});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return boost::json::parse(result.output).as_object();
  }
};

TEST_F(ReplayTest, HitRatioOfAnUnboundedRunIsExactlyWhatCountingPredicts) {
  support::TempDir directory;
  const std::string path = directory.File("trace");
  const size_t distinct = WriteTrace(path, support::TestSeed());

  const boost::json::object report = Replay(path, "default");

  EXPECT_EQ(report.at("accesses").to_number<uint64_t>(), kAccesses);
  EXPECT_EQ(report.at("misses").to_number<uint64_t>(), distinct);
  EXPECT_EQ(report.at("hits").to_number<uint64_t>(), kAccesses - distinct);
}

}  // namespace
}  // namespace quorumcache::integration
