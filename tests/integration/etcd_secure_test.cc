// SPDX-License-Identifier: Apache-2.0
// EtcdStore against an etcd that wants certificates, and against one that wants a user.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/topology_stores/open_store.h"
#include "tests/integration/etcd.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/topology/map_reports.h"
#include "tests/support/topology/test_maps.h"

namespace quorumcache::integration {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::HasSubstr;
using topology::MapReports;
using topology::Next;
using topology::TestMap;
using topology_stores::StoreOptions;

std::unique_ptr<topology::TopologyStore> Open(const StoreOptions& options) {
  static uint64_t seed = 1;
  auto store = topology_stores::OpenStore(options, seed++);
  EXPECT_THAT(store, IsOk());
  return *std::move(store);
}

// Runs a shell script with $1 = `directory`.
bool RunScript(const std::string& script, const std::string& directory) {
  return RunCommand(
             {"/bin/sh", "-ec", absl::StrCat("exec >/dev/null 2>&1\n", script), "sh", directory})
             .exit_code == 0;
}

// An authority with a certificate for 127.0.0.1, and an authority that nobody trusts.
constexpr char kMakeCertificates[] = R"(
cd "$1"
for ca in ca other; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca
done
printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' >ext
openssl req -newkey rsa:2048 -nodes -keyout node.key -out node.csr -subj /CN=node
openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out node.pem -days 2 \
  -extfile ext
)";

TEST(EtcdTlsTest, SpeaksTlsWithACertificateAndOnlyToThoseItTrusts) {
  if (const std::string missing = Etcd::WhyMissing(); !missing.empty()) GTEST_SKIP() << missing;
  const support::TempDir directory;
  const auto file = [&](const char* name) { return directory.File(name); };
  if (!RunScript(kMakeCertificates, file("."))) {
    GTEST_SKIP() << "*** NOT TESTED: openssl cannot make certificates here ***";
  }
  auto etcd = Etcd::Start(file("etcd"), {.member_count = 1,
                                         .ca = file("ca.pem"),
                                         .certificate = file("node.pem"),
                                         .key = file("node.key")});
  ASSERT_THAT(etcd, IsOk());
  const StoreOptions options{.topology = (*etcd)->Url(),
                             .etcd_ca = file("ca.pem"),
                             .etcd_cert = file("node.pem"),
                             .etcd_key = file("node.key")};

  ASSERT_THAT(Open(options)->Create(TestMap()), IsOk());
  EXPECT_THAT(Open(options)->Read(), IsOkAndHolds(TestMap()));

  StoreOptions untrusting = options;
  untrusting.etcd_ca = file("other.pem");
  EXPECT_THAT(Open(untrusting)->Read(), StatusIs(absl::StatusCode::kUnavailable));
  StoreOptions nobody = options;
  nobody.etcd_cert = nobody.etcd_key = "";
  EXPECT_THAT(Open(nobody)->Read(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(EtcdAuthTest, NeedsAUserAndRenewsItsToken) {
  if (const std::string missing = Etcd::WhyMissing(); !missing.empty()) GTEST_SKIP() << missing;
  const support::TempDir directory;
  auto etcd = Etcd::Start(directory.File("etcd"), {.member_count = 1});
  ASSERT_THAT(etcd, IsOk());
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"user", "add", "root:rootpw"},
           {"user", "grant-role", "root", "root"},
           {"user", "add", "cache:secret"},
           {"role", "add", "cache"},
           {"role", "grant-permission", "cache", "--prefix=true", "readwrite", "/test/"},
           {"user", "grant-role", "cache", "cache"},
           {"auth", "enable"}}) {
    ASSERT_THAT((*etcd)->Control(command), IsOk()) << command[0] << " " << command[1];
  }
  std::ofstream(directory.File("password")) << "secret\n";
  std::ofstream(directory.File("wrong")) << "guess\n";
  const StoreOptions options{.topology = (*etcd)->Url(),
                             .etcd_user = "cache",
                             .etcd_password_file = directory.File("password")};

  const auto store = Open(options);
  ASSERT_THAT(store->Create(TestMap()), IsOk());
  MapReports reports;
  const auto watch = store->Watch(reports.Callback());
  EXPECT_THAT(reports.Take(), IsOkAndHolds(TestMap()));
  const auto lease = store->TryAcquireLease("c1");
  ASSERT_THAT(lease, IsOk());

  EXPECT_THAT(Open({.topology = (*etcd)->Url()})->Read(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("set --etcd-user")));
  StoreOptions wrong = options;
  wrong.etcd_password_file = directory.File("wrong");
  EXPECT_THAT(Open(wrong)->Read(),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("--etcd-password-file")));
  StoreOptions elsewhere = options;
  elsewhere.topology = (*etcd)->Url("/elsewhere");
  EXPECT_THAT(Open(elsewhere)->Read(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("readwrite")));

  // A restarted etcd has forgotten its simple tokens.
  (*etcd)->Kill(0);
  ASSERT_THAT((*etcd)->Restart(0), IsOk());
  absl::Status set;
  do {
    set = store->CompareAndSet(5, Next(TestMap()));
  } while (absl::IsUnavailable(set));
  EXPECT_THAT(set, IsOk());
  EXPECT_THAT(reports.TakeUntil(6), IsOkAndHolds(Next(TestMap())));
}

}  // namespace
}  // namespace quorumcache::integration
