// SPDX-License-Identifier: Apache-2.0
#include "client/endpoints.h"

#include "common/base/check.h"
#include "common/rpc/channel.h"

namespace quorumcache::client {

std::shared_ptr<grpc::Channel> MakeClientChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments = rpc::BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return rpc::MakeChannel(address, arguments, credentials);
}

Endpoints::Endpoints(const std::vector<std::string>& addresses,
                     const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : addresses_(addresses) {
  QC_CHECK(!addresses.empty());
  for (const std::string& address : addresses) {
    channels_.push_back(MakeClientChannel(address, credentials));
  }
}

bool Endpoints::Connect(size_t index, absl::Time deadline) {
  grpc::Channel& channel = *channels_[index];
  while (true) {
    const grpc_connectivity_state state = channel.GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
    if (!channel.WaitForStateChange(state, absl::ToChronoTime(deadline))) return false;
  }
}

}  // namespace quorumcache::client
