// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/endpoints.h"

#include <grpcpp/security/credentials.h>

#include "common/rpc/channel.h"

namespace quorumcache::topology_etcd {
namespace {

// gRPC waits between attempts to connect; its two minutes at most are for clients that do not care.
constexpr int kReconnectMsMin = 100;
constexpr int kReconnectMsMax = 1000;
// For a connection to be made, TLS and all; gRPC names it for its effect on a host that is gone.
constexpr int kConnectMs = 2000;

std::shared_ptr<grpc::ChannelCredentials> CredentialsFor(const EtcdUrl& url, const EtcdTls& tls) {
  if (!url.has_tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls.ca;
  options.pem_cert_chain = tls.certificate;
  options.pem_private_key = tls.key;
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments = rpc::BaseChannelArguments();
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  return arguments;
}

}  // namespace

Endpoints::Endpoints(const EtcdUrl& url, const EtcdOptions& options)
    : current_(options.seed % url.endpoints.size()) {
  const auto credentials = CredentialsFor(url, options.tls);
  for (const std::string& name : url.endpoints) {
    endpoints_.push_back({.index = endpoints_.size(),
                          .name = name,
                          .channel = rpc::MakeChannel(name, Arguments(), credentials)});
  }
}

void Endpoints::MoveOnFrom(const Endpoint& failed) {
  size_t index = failed.index;
  current_.compare_exchange_strong(index, (failed.index + 1) % endpoints_.size());
}

}  // namespace quorumcache::topology_etcd
