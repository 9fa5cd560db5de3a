// SPDX-License-Identifier: Apache-2.0
// Channels and their arguments, in one place: docs/PERFORMANCE.md#channel-arguments.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace quorumcache::rpc {

// No probing, retries or channelz (a few percent each), room for the largest value in both
// directions.
grpc::ChannelArguments BaseChannelArguments();

// For replica streams: as above, and a connection of its own, no name resolution delay, no backoff
// of gRPC's (BatchStreamClient has its own).
grpc::ChannelArguments StreamChannelArguments();

// `credentials` nullptr: insecure.
std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const grpc::ChannelArguments& arguments,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = nullptr);

// Bytes to a message without copying them.
grpc::ByteBuffer ToByteBuffer(std::string bytes);

// The bytes of a message as one piece; holds them while it lives.
class FlatMessage {
 public:
  explicit FlatMessage(const grpc::ByteBuffer& buffer);
  absl::string_view bytes() const {
    return {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
  }

 private:
  grpc::Slice slice_;
};

}  // namespace quorumcache::rpc
