// SPDX-License-Identifier: Apache-2.0
// A storage node whose files have rotted never answers "absent" for what it cannot read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

namespace fs = std::filesystem;
using ::quorumcache::support::IsOk;

constexpr int kKeys = 500;

std::string KeyName(int i) {
  return absl::StrCat("rot-", i);
}

// Flips every byte of the middle third, where the data blocks are. Returns whether the file was
// large enough.
bool Corrupt(const fs::path& file) {
  const auto size = static_cast<std::streamoff>(fs::file_size(file));
  if (size < 3000) return false;
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  std::string middle(static_cast<size_t>(size / 3), '\0');
  stream.seekg(size / 3);
  stream.read(middle.data(), static_cast<std::streamsize>(middle.size()));
  for (char& c : middle) c = static_cast<char>(~c);
  stream.seekp(size / 3);
  stream.write(middle.data(), static_cast<std::streamsize>(middle.size()));
  return true;
}

int CorruptEverySst(const std::string& directory) {
  int corrupted = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".sst" && Corrupt(entry.path())) ++corrupted;
  }
  return corrupted;
}

TEST(CorruptionTest, CorruptedSstNeverReadsAsAbsent) {
  support::TempDir directory;
  auto cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  {
    CacheClient client((*cluster)->Endpoints()[0]);
    for (int i = 0; i < kKeys; ++i) {
      ASSERT_TRUE(client.Set(KeyName(i), std::string(200, 'v')).ok());
    }
  }
  // The second start turns the log into sorted files.
  ASSERT_THAT((*cluster)->StopCleanly(), support::IsOkAndHolds(0));
  cluster = Playground::Start(directory.File("cluster"));
  ASSERT_THAT(cluster, IsOk());
  const std::string rotten = (*cluster)->storage_nodes()[0].data_dir;
  const std::string rotten_id = (*cluster)->storage_nodes()[0].id;
  ASSERT_THAT((*cluster)->StopCleanly(), support::IsOkAndHolds(0));
  ASSERT_GT(CorruptEverySst(rotten), 0);

  cluster = Playground::Start(directory.File("cluster"));

  // The node either refuses to open such files, or opens them and says CORRUPT for what it cannot
  // read.
  if (!cluster.ok()) GTEST_SUCCEED() << "refused to start";
  ASSERT_THAT(cluster, IsOk());
  CacheClient client((*cluster)->Endpoints()[0]);
  int corrupt_views = 0;
  for (int i = 0; i < kKeys; ++i) {
    v1::GetResponse response;
    const CallError error = client.Get(KeyName(i), &response);
    ASSERT_TRUE(error.ok()) << error.message;
    ASSERT_TRUE(response.found()) << KeyName(i);
    const auto located = HttpCall((*cluster)->coordinators()[0].http, "GET",
                                  absl::StrCat("/v1/cluster/locate?key=", KeyName(i)));
    ASSERT_THAT(located, IsOk());
    if (located->body.find("orrupt") != std::string::npos) ++corrupt_views;
  }
  EXPECT_GT(corrupt_views, 0) << rotten_id << " hides its corruption";
}

}  // namespace
}  // namespace quorumcache::integration
