// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/load.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace quorumcache::integration {
namespace {

constexpr size_t kKeysPerClient = 20;
constexpr absl::Duration kProgressTimeout = absl::Minutes(1);

// Without our ErrorInfo the transport failed: that coordinator is gone, and any other one will do.
bool IsTransportError(const CallError& error) {
  return !error.ok() && error.reason.empty() && error.code == grpc::StatusCode::UNAVAILABLE;
}

}  // namespace

Load::Load(std::vector<std::string> endpoints, int clients) : endpoints_(std::move(endpoints)) {
  for (int i = 0; i < clients; ++i) {
    auto client = std::make_unique<Client>();
    client->index = i;
    client->keys.resize(kKeysPerClient);
    clients_.push_back(std::move(client));
  }
  for (auto& client : clients_) {
    client->thread = std::thread([this, &client = *client] { RunClient(client); });
  }
}

Load::~Load() {
  Stop();
}

std::string Load::KeyName(int client, size_t key_index) {
  return absl::StrCat("load/", client, "/", key_index);
}

void Load::RunClient(Client& client) {
  size_t endpoint = client.index % endpoints_.size();
  auto connection = std::make_unique<CacheClient>(endpoints_[endpoint]);
  absl::Time last_success = absl::Now();
  for (uint64_t turn = 0; !stop_; ++turn) {
    const size_t key_index = (turn / 2) % kKeysPerClient;
    const absl::Time start = absl::Now();
    const CallError error = turn % 2 == 0 ? Write(client, *connection, key_index)
                                          : Read(client, *connection, key_index);
    const absl::Time end = absl::Now();
    client.report.slowest_call = std::max(client.report.slowest_call, end - start);
    if (error.ok()) {
      client.report.longest_gap = std::max(client.report.longest_gap, end - last_success);
      last_success = end;
      base::MutexLock lock(mutex_);
      ++client.successes;
      progress_.NotifyAll();
    } else if (IsTransportError(error)) {
      endpoint = (endpoint + 1) % endpoints_.size();
      connection = std::make_unique<CacheClient>(endpoints_[endpoint]);
    } else {
      client.report.errors.push_back(
          absl::StrCat(error.code, " ", error.reason, " ", error.outcome, ": ", error.message));
    }
  }
}

CallError Load::Write(Client& client, CacheClient& connection, size_t key_index) {
  Entry& entry = client.keys[key_index];
  ++entry.tried;
  const CallError error =
      connection.Set(KeyName(client.index, key_index), absl::StrCat(entry.tried));
  if (error.ok()) {
    entry.acknowledged = entry.tried;
    ++client.report.acknowledged_writes;
  }
  return error;
}

CallError Load::Read(Client& client, CacheClient& connection, size_t key_index) {
  const std::string key = KeyName(client.index, key_index);
  v1::GetResponse response;
  const CallError error = connection.Get(key, &response);
  if (!error.ok()) return error;
  ++client.report.reads;
  const std::string lie = Contradiction(key, client.keys[key_index], response);
  if (!lie.empty()) client.report.lies.push_back(lie);
  return error;
}

std::string Load::Contradiction(const std::string& key, const Entry& entry,
                                const v1::GetResponse& response) {
  uint64_t number = 0;
  if (response.found() && !absl::SimpleAtoi(response.value(), &number)) {
    return absl::StrCat(key, " holds '", response.value(), "', which nobody wrote");
  }
  if (number >= entry.acknowledged && number <= entry.tried) return "";
  return absl::StrCat(key, " reads ", number, "; acknowledged ", entry.acknowledged, ", tried ",
                      entry.tried);
}

bool Load::WaitForProgress(uint64_t calls) {
  const absl::Time until = absl::Now() + kProgressTimeout;
  base::MutexLock lock(mutex_);
  std::vector<uint64_t> goals;
  for (const auto& client : clients_) goals.push_back(client->successes + calls);
  const auto reached = [&] {
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (clients_[i]->successes < goals[i]) return false;
    }
    return true;
  };
  while (!reached()) {
    if (absl::Now() > until) return false;
    progress_.WaitFor(mutex_, until - absl::Now());
  }
  return true;
}

LoadReport Load::Stop() {
  stop_ = true;
  LoadReport total;
  for (auto& client : clients_) {
    if (client->thread.joinable()) client->thread.join();
    const LoadReport& report = client->report;
    total.acknowledged_writes += report.acknowledged_writes;
    total.reads += report.reads;
    total.errors.insert(total.errors.end(), report.errors.begin(), report.errors.end());
    total.lies.insert(total.lies.end(), report.lies.begin(), report.lies.end());
    total.longest_gap = std::max(total.longest_gap, report.longest_gap);
    total.slowest_call = std::max(total.slowest_call, report.slowest_call);
  }
  return total;
}

std::vector<std::string> Load::VerifyAll(const std::string& endpoint) const {
  std::vector<std::string> contradictions;
  CacheClient connection(endpoint);
  for (const auto& client : clients_) {
    for (size_t i = 0; i < client->keys.size(); ++i) {
      const std::string key = KeyName(client->index, i);
      v1::GetResponse response;
      const CallError error = connection.Get(key, &response);
      std::string found = error.ok() ? Contradiction(key, client->keys[i], response)
                                     : absl::StrCat(key, ": ", error.message);
      if (!found.empty()) contradictions.push_back(std::move(found));
    }
  }
  return contradictions;
}

}  // namespace quorumcache::integration
