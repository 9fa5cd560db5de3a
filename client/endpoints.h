// SPDX-License-Identifier: Apache-2.0
// Endpoints: the coordinators a client knows, one channel each; any of them can serve any key.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace quorumcache::client {

// Thread-safe.
class Endpoints {
 public:
  // Connects on first use. Requires: at least one address.
  Endpoints(const std::vector<std::string>& addresses,
            const std::shared_ptr<grpc::ChannelCredentials>& credentials);

  size_t size() const { return channels_.size(); }
  const std::string& address(size_t index) const { return addresses_[index]; }
  const std::shared_ptr<grpc::Channel>& channel(size_t index) const { return channels_[index]; }

  // Where the next call goes: round robin.
  size_t Next() { return next_.fetch_add(1, std::memory_order_relaxed) % channels_.size(); }

  // Waits until the channel is connected; false when that failed or took too long. A call that is
  // made only then either goes out or fails with an unknown outcome, but is never lost in
  // connecting.
  bool Connect(size_t index, absl::Time deadline);

 private:
  const std::vector<std::string> addresses_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::atomic<size_t> next_{0};
};

// Channel to one coordinator: reconnects quickly, because a restarted coordinator is back in a
// second.
std::shared_ptr<grpc::Channel> MakeClientChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials);

}  // namespace quorumcache::client
