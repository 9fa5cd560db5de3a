// SPDX-License-Identifier: Apache-2.0
// Logs of a real cluster under every operation and many errors: one line an event, and no key or
// value that could be read back from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <regex>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/limits.h"
#include "tests/integration/cache_client.h"
#include "tests/integration/http_client.h"
#include "tests/integration/playground.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::integration {
namespace {

namespace fs = std::filesystem;
using ::quorumcache::support::IsOk;
using Service = v1::CacheService::Stub;

// What a log may show of a key: model::AbbreviatedKey.
constexpr size_t kShownMax = 8;

class KeySecrecyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Everything is slow, so that everything is logged that can be.
    setenv("QC_SLOW_THRESHOLD", "1us", 1);
    directory_ = std::make_unique<support::TempDir>();
    auto cluster = Playground::Start(directory_->File("cluster"));
    unsetenv("QC_SLOW_THRESHOLD");
    ASSERT_THAT(cluster, IsOk());
    cluster_ = *std::move(cluster);
  }
  static void TearDownTestSuite() {
    cluster_.reset();
    directory_.reset();
  }
  void SetUp() override { ASSERT_NE(cluster_, nullptr); }

  static Playground& cluster() { return *cluster_; }
  static const Member& coordinator() { return cluster_->coordinators()[0]; }

  // A text that occurs nowhere else, and is looked for afterwards.
  static std::string Secret(size_t size = 40) {
    static std::mt19937_64 random(std::random_device{}());
    std::string text;
    while (text.size() < size) text.push_back("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[random() % 32]);
    secrets_.push_back(text);
    return text;
  }

  static std::map<std::string, std::string> Logs() {
    std::map<std::string, std::string> logs;
    for (const auto& entry : fs::directory_iterator(directory_->File("cluster") + "/logs")) {
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      logs[entry.path().filename()] = text.str();
    }
    return logs;
  }

  // No log has more of a secret than its first kShownMax bytes, as it is or as bytes are often
  // shown.
  static void ExpectNoSecretInLogs() {
    for (const auto& [name, text] : Logs()) {
      for (const std::string& secret : secrets_) {
        for (size_t at = 0; at + kShownMax + 1 <= secret.size(); at += secret.size() / 40) {
          const std::string part = secret.substr(at, kShownMax + 1);
          for (const std::string& form : {part, absl::BytesToHexString(part)}) {
            ASSERT_FALSE(absl::StrContains(text, form)) << name << " tells " << form;
          }
        }
        ASSERT_FALSE(absl::StrContains(text, absl::Base64Escape(secret).substr(0, 20))) << name;
      }
    }
  }

  static void Pause(int nodes) {
    for (int i = 0; i < nodes; ++i) cluster().Pause(cluster().storage_nodes()[i]);
  }
  static void Resume(int nodes) {
    for (int i = 0; i < nodes; ++i) cluster().Resume(cluster().storage_nodes()[i]);
  }

 private:
  static inline std::unique_ptr<support::TempDir> directory_;
  static inline std::unique_ptr<Playground> cluster_;
  static inline std::vector<std::string> secrets_;
};

// Every operation, once well and then against a condition or a rule.
void CallEverything(CacheClient& client, const std::function<std::string(size_t)>& secret) {
  const std::string key = secret(40);
  v1::SetRequest set;
  v1::SetResponse set_done;
  set.set_key(key);
  set.set_value(secret(200));
  EXPECT_TRUE(client.Call(&Service::Set, set, &set_done).ok());
  set.set_if_absent(true);
  EXPECT_EQ(client.Call(&Service::Set, set, &set_done).reason, "KEY_EXISTS");
  v1::GetResponse got;
  EXPECT_TRUE(client.Get(key, &got).ok());
  EXPECT_TRUE(client.Get(secret(40), &got).ok());
  v1::TouchRequest touch;
  v1::TouchResponse touched;
  touch.set_key(key);
  touch.mutable_ttl()->set_seconds(60);
  EXPECT_TRUE(client.Call(&Service::Touch, touch, &touched).ok());
  touch.mutable_ttl()->set_seconds(-1);
  EXPECT_EQ(client.Call(&Service::Touch, touch, &touched).reason, "TTL_INVALID");
  v1::IncrementRequest add;
  v1::IncrementResponse sum;
  add.set_key(key);
  add.set_delta(1);
  add.set_request_id("123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(client.Call(&Service::Increment, add, &sum).reason, "NOT_AN_INTEGER");
  v1::CompareAndSetRequest swap;
  v1::CompareAndSetResponse swapped;
  swap.set_key(key);
  swap.set_value(secret(200));
  swap.set_etag("1.2.3");
  EXPECT_EQ(client.Call(&Service::CompareAndSet, swap, &swapped).reason, "ETAG_MISMATCH");
  v1::MultiGetRequest many;
  v1::MultiGetResponse found;
  for (int i = 0; i < 3; ++i) many.add_keys(secret(40));
  EXPECT_TRUE(client.Call(&Service::MultiGet, many, &found).ok());
  EXPECT_TRUE(client.Delete(key).ok());
}

// What a door or a rule refuses.
void CallWrongly(CacheClient& client, const std::function<std::string(size_t)>& secret) {
  EXPECT_EQ(client.Set(secret(limits::kKeySizeBytesMax + 1), "v").reason, "KEY_INVALID");
  v1::SetRequest set;
  v1::SetResponse done;
  set.set_key(secret(40));
  set.set_value(std::string(limits::kValueSizeBytesMaxDefault + 1, 'v'));
  EXPECT_EQ(client.Call(&Service::Set, set, &done, absl::Seconds(10)).reason, "VALUE_TOO_LARGE");
  set.set_value("v");
  set.set_namespace_("nowhere");
  EXPECT_EQ(client.Call(&Service::Set, set, &done).reason, "NAMESPACE_NOT_FOUND");
}

void CallByHttp(const std::string& address, const std::function<std::string(size_t)>& secret) {
  const std::string path = absl::StrCat("/v1/keys/", secret(40));
  EXPECT_EQ(HttpCall(address, "PUT", path, secret(200))->status, 201);
  EXPECT_EQ(HttpCall(address, "PUT", path, "v", {{"If-None-Match", "*"}})->status, 412);
  EXPECT_EQ(HttpCall(address, "GET", path)->status, 200);
  EXPECT_EQ(HttpCall(address, "GET", path + "?" + secret(40) + "=1")->status, 400);
  EXPECT_EQ(HttpCall(address, "GET", path + "%zz")->status, 400);
  EXPECT_EQ(HttpCall(address, "GET", "/" + secret(40))->status, 404);
  EXPECT_EQ(HttpCall(address, "GET", "/v1/keys?prefix=" + secret(40))->status, 200);
  EXPECT_EQ(HttpCall(address, "GET", "/v1/cluster/locate?key=" + secret(40))->status, 200);
  EXPECT_EQ(
      HttpCall(address, "POST", "/set", absl::StrCat("{\"key\":\"", secret(40), "\""))->status,
      400);
  (void)RawExchange(address, absl::StrCat(secret(40), " / HTTP/9\r\n\r\n"));
}

TEST_F(KeySecrecyTest, NoLogTellsAKeyOrAValue) {
  const auto secret = [](size_t size) { return Secret(size); };
  CacheClient client(coordinator().grpc);
  CallEverything(client, secret);
  CallWrongly(client, secret);
  CallByHttp(coordinator().http, secret);
  // Two hung nodes: outcomes that nobody knows, and reads that time out.
  Pause(2);
  EXPECT_FALSE(client.Set(Secret(), Secret(200)).ok());
  v1::GetResponse got;
  EXPECT_FALSE(client.Get(Secret(), &got).ok());
  Resume(2);
  ASSERT_THAT(WaitUntilAllNodesUp(coordinator()), IsOk());
  // One dead node, then two: partitions that cannot be reached.
  Member node = cluster().storage_nodes()[1];
  cluster().Kill(node);
  EXPECT_TRUE(client.Set(Secret(), Secret(200)).ok());
  Member other = cluster().storage_nodes()[2];
  cluster().Kill(other);
  ASSERT_THAT(WaitUntilNodesUp(coordinator(), 1), IsOk());
  EXPECT_FALSE(client.Set(Secret(), Secret(200)).ok());
  ASSERT_THAT(cluster().Restart(node), IsOk());
  ASSERT_THAT(cluster().Restart(other), IsOk());
  ASSERT_THAT(WaitUntilAllNodesUp(coordinator()), IsOk());

  ExpectNoSecretInLogs();
}

TEST_F(KeySecrecyTest, WhatIsLookedForWouldBeFound) {
  CacheClient client(coordinator().grpc);
  const std::string key = Secret();
  ASSERT_TRUE(client.Set(key, "v").ok());
  // One line a second: some slow operation of this cluster got one, with what may be shown.
  std::string all;
  for (const auto& [name, text] : Logs()) all += text;

  EXPECT_THAT(all, testing::HasSubstr("slow "));
  EXPECT_THAT(all, testing::ContainsRegex("key [A-Z2-7]{8}\\.\\.\\.\\([0-9]+ bytes\\)"));
}

TEST_F(KeySecrecyTest, EveryEventIsOneLineWithItsLevelAndTime) {
  const std::regex line_form(
      "[IWEF][0-9]{8} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]+ +[0-9]+ [a-z_0-9]+\\.(cc|h):[0-9]+\\] "
      ".+");
  int lines = 0;
  for (const auto& [name, text] : Logs()) {
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      EXPECT_TRUE(std::regex_match(std::string(line), line_form)) << name << ": " << line;
      ++lines;
    }
  }
  EXPECT_GT(lines, 10);
}

}  // namespace
}  // namespace quorumcache::integration
