// SPDX-License-Identifier: Apache-2.0
// Kill -9: what a child process was told is written is there when the next one opens the directory.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/random.h"
#include "gtest/gtest.h"
#include "storage_node/engine_rocksdb/rocks_engine.h"
#include "tests/support/seed.h"
#include "tests/support/temp_dir.h"

namespace quorumcache::engine_rocksdb {
namespace {

using engine::Family;

RocksOptions SmallOptions() {
  RocksOptions options;
  options.block_cache_bytes = size_t{1} << 20;
  // Small, so that the kills also hit flushes and compactions.
  options.write_buffer_bytes = size_t{256} << 10;
  return options;
}

std::string KeyOf(uint32_t number) {
  return absl::StrCat("key", number % 1000);
}
std::string ValueOf(uint32_t number) {
  return absl::StrCat(number, "-", std::string(200 + number % 500, 'v'));
}

// The child: writes numbered batches of two families for ever, and sends each number once it is
// written.
[[noreturn]] void WriteUntilKilled(const std::string& path, uint32_t first, int acks) {
  absl::StatusOr<std::unique_ptr<RocksEngine>> engine = RocksEngine::Open(path, SmallOptions());
  if (!engine.ok()) _exit(2);
  for (uint32_t number = first;; ++number) {
    engine::WriteBatch batch;
    batch.Put(Family::kRecords, KeyOf(number), ValueOf(number));
    batch.Put(Family::kMeta, "last", absl::StrCat(number));
    if (!(*engine)->Write(batch, /*fsync=*/number % 64 == 0).ok()) _exit(3);
    if (write(acks, &number, sizeof(number)) != sizeof(number)) _exit(4);
  }
}

std::string GetOrMissing(RocksEngine* engine, Family family, absl::string_view key) {
  engine::Lookup lookup;
  engine->MultiGet(family, {&key, 1}, {&lookup, 1});
  if (!lookup.status.ok()) return std::string(lookup.status.message());
  return lookup.found ? lookup.value : "(missing)";
}

// The number of the newest batch in the directory, if all that the last batches wrote is there; 0
// and a line on stderr if something is missing.
uint32_t StoredBatches(const std::string& path) {
  absl::StatusOr<std::unique_ptr<RocksEngine>> engine = RocksEngine::Open(path, SmallOptions());
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.status().ToString().c_str());
    return 0;
  }
  uint32_t stored = 0;
  if (!absl::SimpleAtoi(GetOrMissing(engine->get(), Family::kMeta, "last"), &stored)) return 0;
  for (uint32_t number = stored > 1000 ? stored - 999 : 1; number <= stored; ++number) {
    if (GetOrMissing(engine->get(), Family::kRecords, KeyOf(number)) == ValueOf(number)) continue;
    std::fprintf(stderr, "batch %u of %u is missing\n", number, stored);
    return 0;
  }
  return stored;
}

// A child process and the pipe it writes numbers to. This process never opens an engine itself:
// RocksDB's threads would not survive the next fork.
class Child {
 public:
  // Runs `body(descriptor to write to)`, and ends when it returns.
  template <typename Body>
  explicit Child(Body body) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      body(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    numbers_ = ends[0];
  }
  ~Child() { KillAndWait(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next number; nullopt once the child has ended.
  std::optional<uint32_t> Next() {
    uint32_t number = 0;
    if (read(numbers_, &number, sizeof(number)) != sizeof(number)) return std::nullopt;
    return number;
  }
  void Kill() { kill(pid_, SIGKILL); }

 private:
  void KillAndWait() {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    close(numbers_);
  }

  pid_t pid_ = -1;
  int numbers_ = -1;
};

void Send(int descriptor, uint32_t number) {
  if (write(descriptor, &number, sizeof(number)) != sizeof(number)) _exit(4);
}

// Lets a child write from `first` on, kills it once `count` batches are acknowledged; the last
// acknowledged.
uint32_t WriteAndKill(const std::string& path, uint32_t first, uint32_t count) {
  Child child([&](int acks) { WriteUntilKilled(path, first, acks); });
  uint32_t last = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const std::optional<uint32_t> acked = child.Next();
    if (!acked) return 0;
    last = *acked;
  }
  child.Kill();
  // What was acknowledged before the kill but not read yet counts as well.
  while (const std::optional<uint32_t> acked = child.Next()) last = *acked;
  return last;
}

TEST(CrashTest, EveryAcknowledgedWriteIsThereAfterKillMinusNine) {
  base::Random random(support::TestSeed());
  support::TempDir dir;
  const std::string path = dir.File("db");

  uint32_t written = 0;
  for (int round = 0; round < 8; ++round) {
    const uint32_t count = 500 + static_cast<uint32_t>(random.Uniform(4000));
    const uint32_t last = WriteAndKill(path, written + 1, count);
    ASSERT_GT(last, written) << "the child ended by itself";

    Child reader([&](int answer) { Send(answer, StoredBatches(path)); });
    const std::optional<uint32_t> stored = reader.Next();

    ASSERT_TRUE(stored.has_value());
    // The one under way may be there, too, but never half of it.
    ASSERT_GE(*stored, last);
    ASSERT_LE(*stored, last + 1);
    written = *stored;
  }
}

TEST(CrashTest, LockOfALivingProcessIsRespectedAndThatOfAKilledOneIsGone) {
  support::TempDir dir;
  const std::string path = dir.File("db");
  const auto send_cause_of_opening = [&path](int answer) {
    Send(answer,
         static_cast<uint32_t>(engine::CauseOf(RocksEngine::Open(path, SmallOptions()).status())));
  };
  {
    Child writer([&](int acks) { WriteUntilKilled(path, 1, acks); });
    ASSERT_TRUE(writer.Next().has_value());

    Child second(send_cause_of_opening);

    EXPECT_EQ(second.Next(), static_cast<uint32_t>(engine::Cause::kLocked));
  }

  Child third(send_cause_of_opening);

  EXPECT_EQ(third.Next(), static_cast<uint32_t>(engine::Cause::kNone));
}

}  // namespace
}  // namespace quorumcache::engine_rocksdb
