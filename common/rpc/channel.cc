// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/slice.h>

#include <utility>
#include <vector>

#include "common/base/limits.h"

namespace quorumcache::rpc {
namespace {

void DeleteString(void* string) {
  delete static_cast<std::string*>(string);
}

grpc::Slice Flatten(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (buffer.TrySingleSlice(&slice).ok()) return slice;
  // An invalid buffer stays an empty message; it is read as one.
  (void)buffer.DumpToSingleSlice(&slice);
  return slice;
}

}  // namespace

grpc::ChannelArguments BaseChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetMaxReceiveMessageSize(limits::kGrpcMessageBytesMax);
  arguments.SetMaxSendMessageSize(limits::kGrpcMessageBytesMax);
  return arguments;
}

grpc::ChannelArguments StreamChannelArguments() {
  grpc::ChannelArguments arguments = BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const grpc::ChannelArguments& arguments,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  return grpc::CreateCustomChannel(
      address, credentials != nullptr ? credentials : grpc::InsecureChannelCredentials(),
      arguments);
}

grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(owned->data(), owned->size(), DeleteString, owned);
  return grpc::ByteBuffer(&slice, 1);
}

FlatMessage::FlatMessage(const grpc::ByteBuffer& buffer) : slice_(Flatten(buffer)) {}

}  // namespace quorumcache::rpc
