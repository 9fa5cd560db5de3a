// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cache_client.h"

#include <grpcpp/create_channel.h>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace quorumcache::integration {
namespace {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  // A restarted coordinator must be found again within one call's deadline.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

CallError Decode(const grpc::Status& status) {
  CallError error;
  error.code = status.error_code();
  error.message = status.error_message();
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    error.reason = info.reason();
    error.metadata = {info.metadata().begin(), info.metadata().end()};
    error.outcome = error.metadata["outcome"];
  }
  return error;
}

CacheClient::CacheClient(const std::string& endpoint)
    : stub_(v1::CacheService::NewStub(MakeChannel(endpoint))) {}

CallError CacheClient::Set(const std::string& key, const std::string& value,
                           v1::Consistency consistency) {
  v1::SetRequest request;
  request.set_consistency(consistency);
  request.set_key(key);
  request.set_value(value);
  v1::SetResponse response;
  return Call(&v1::CacheService::Stub::Set, request, &response);
}

CallError CacheClient::Get(const std::string& key, v1::GetResponse* response,
                           v1::Consistency consistency) {
  v1::GetRequest request;
  request.set_key(key);
  request.set_consistency(consistency);
  return Call(&v1::CacheService::Stub::Get, request, response);
}

CallError CacheClient::Delete(const std::string& key) {
  v1::DeleteRequest request;
  request.set_key(key);
  v1::DeleteResponse response;
  return Call(&v1::CacheService::Stub::Delete, request, &response);
}

}  // namespace quorumcache::integration
