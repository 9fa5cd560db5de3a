// SPDX-License-Identifier: Apache-2.0
#include "storage_node/engine_rocksdb/resumer.h"

namespace quorumcache::engine_rocksdb {

Resumer::~Resumer() {
  if (is_running_) parts_.cancel();
  if (thread_.joinable()) thread_.join();
}

void Resumer::Run() {
  const auto now = std::chrono::steady_clock::now();
  if (is_running_) {
    if (now - start_ >= absl::ToChronoNanoseconds(parts_.patience)) {
      health_->Worsen(Health::State::kReadOnly,
                      "there is space again, but RocksDB waits for a flush that it has lost");
    }
    return;
  }
  if (thread_.joinable()) thread_.join();
  start_ = now;
  is_running_ = true;
  thread_ = std::thread([this] {
    if (parts_.resume()) health_->SpaceReturned();
    is_running_ = false;
  });
}

}  // namespace quorumcache::engine_rocksdb
