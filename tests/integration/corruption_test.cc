// SPDX-License-Identifier: Apache-2.0
// A storage node whose files have rotted never answers "absent" for what it cannot read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
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

// What one replica says of a key: "found", "absent", or the error it gives.
std::string ViewOf(const Member& coordinator, const std::string& node, const std::string& key) {
  const auto located =
      HttpCall(coordinator.http, "GET", absl::StrCat("/v1/cluster/locate?key=", key));
  if (!located.ok()) return std::string(located.status().message());
  const boost::json::value root = boost::json::parse(located->body);
  for (const boost::json::value& replica : root.at("replicas").as_array()) {
    const boost::json::object& view = replica.as_object();
    if (view.at("node_id").as_string() != node) continue;
    if (const auto* error = view.if_contains("error"); error != nullptr) {
      if (!error->as_string().empty()) return std::string(error->as_string());
    }
    return view.at("found").as_bool() ? "found" : "absent";
  }
  return absl::StrCat("no view of ", node, " in ", located->body);
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
  ASSERT_THAT(WaitUntilAllNodesUp((*cluster)->coordinators()[0]), IsOk());
  Member& rotten = (*cluster)->storage_nodes()[0];
  (*cluster)->Kill(rotten);
  ASSERT_GT(CorruptEverySst(rotten.data_dir), 0);

  // It may refuse to open such files, or open them and say what it cannot read. Either is honest.
  ASSERT_THAT((*cluster)->RestartWithoutWaiting(rotten), IsOk());

  CacheClient client((*cluster)->Endpoints()[0]);
  int errors = 0;
  for (int i = 0; i < kKeys; ++i) {
    v1::GetResponse response;
    const CallError error = client.Get(KeyName(i), &response);
    ASSERT_TRUE(error.ok()) << error.message;
    ASSERT_TRUE(response.found()) << KeyName(i);
    const std::string view = ViewOf((*cluster)->coordinators()[0], rotten.id, KeyName(i));
    EXPECT_NE(view, "absent") << KeyName(i);
    if (view != "found") ++errors;
  }
  EXPECT_GT(errors, 0) << rotten.id << " hides its corruption";
}

}  // namespace
}  // namespace quorumcache::integration
