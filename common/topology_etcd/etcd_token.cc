// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_token.h"

#include "etcd/rpc.grpc.pb.h"

namespace quorumcache::topology_etcd {

grpc::Status EtcdToken::AddTo(grpc::ClientContext& context,
                              const std::shared_ptr<grpc::Channel>& channel) {
  if (!is_used()) return grpc::Status::OK;
  std::string token = Cached();
  if (token.empty()) {
    etcdserverpb::AuthenticateRequest request;
    request.set_name(user_);
    request.set_password(password_);
    etcdserverpb::AuthenticateResponse response;
    grpc::ClientContext own_context;
    own_context.set_deadline(context.deadline());
    const grpc::Status status =
        etcdserverpb::Auth::NewStub(channel)->Authenticate(&own_context, request, &response);
    if (!status.ok()) return status;
    token = response.token();
    const base::MutexLock lock(mutex_);
    token_ = token;
  }
  // rpctypes.TokenFieldNameGRPC of etcd.
  context.AddMetadata("token", token);
  return grpc::Status::OK;
}

void EtcdToken::Drop() {
  const base::MutexLock lock(mutex_);
  token_.clear();
}

std::string EtcdToken::Cached() const {
  const base::MutexLock lock(mutex_);
  return token_;
}

}  // namespace quorumcache::topology_etcd
