// SPDX-License-Identifier: Apache-2.0
// Load: clients that write and read without pause while a test breaks the cluster, and a ledger of
// what they were told.
//
// Each client owns its keys and writes rising numbers to them, so what a key may hold is known
// exactly: at least the highest acknowledged number, at most the highest one tried.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "tests/integration/cache_client.h"

namespace quorumcache::integration {

struct LoadReport {
  uint64_t acknowledged_writes = 0;
  uint64_t reads = 0;
  // Calls that failed, by "CODE REASON outcome"; not those that a killed coordinator's clients
  // moved on from.
  std::vector<std::string> errors;
  // Reads that returned a number below an acknowledged one, or above every one tried.
  std::vector<std::string> lies;
  // The longest time in which some client had no successful call.
  absl::Duration longest_gap;
  absl::Duration slowest_call;
};

// Thread-compatible.
class Load {
 public:
  // `clients` threads, each with its own connection to one of `endpoints` at a time; a transport
  // error makes it try the next one.
  Load(std::vector<std::string> endpoints, int clients);
  ~Load();

  // Blocks until every client has had `calls` more successful calls, or a minute has passed
  // (false).
  bool WaitForProgress(uint64_t calls);
  LoadReport Stop();
  // Reads every key through `endpoint` at QUORUM; returns what contradicts the ledger.
  std::vector<std::string> VerifyAll(const std::string& endpoint) const;

 private:
  struct Entry {
    uint64_t acknowledged = 0;
    uint64_t tried = 0;
  };
  struct Client {
    int index = 0;
    std::vector<Entry> keys;
    LoadReport report;
    uint64_t successes = 0;  // guarded by Load::mutex_
    std::thread thread;
  };

  void RunClient(Client& client);
  CallError Write(Client& client, CacheClient& connection, size_t key_index);
  CallError Read(Client& client, CacheClient& connection, size_t key_index);
  static std::string KeyName(int client, size_t key_index);
  static std::string Contradiction(const std::string& key, const Entry& entry,
                                   const v1::GetResponse& response);

  const std::vector<std::string> endpoints_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::atomic<bool> stop_{false};
  base::Mutex mutex_;
  base::CondVar progress_;
};

}  // namespace quorumcache::integration
