// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_error.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace quorumcache::topology_etcd {
namespace {

bool Says(const grpc::Status& status, absl::string_view text) {
  return absl::StrContains(status.error_message(), text);
}

// etcd's api/v3rpc/rpctypes/error.go: some of these are InvalidArgument there.
bool WantsUser(const grpc::Status& status) {
  return Says(status, "user name is empty");
}

bool RefusesPassword(const grpc::Status& status) {
  return Says(status, "authentication failed, invalid user ID or password");
}

bool IsFull(const grpc::Status& status) {
  return Says(status, "database space exceeded");
}

absl::string_view AdviceFor(const grpc::Status& status) {
  if (WantsUser(status)) return "; this etcd wants a user: set --etcd-user";
  if (RefusesPassword(status)) return "; check --etcd-user and --etcd-password-file";
  if (IsFull(status)) {
    return "; etcd is full: compact and defragment it, then `etcdctl alarm disarm`, and set "
           "--auto-compaction-retention";
  }
  if (Says(status, "request is too large")) {
    return "; raise etcd's --max-request-bytes to at least 1572864";
  }
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
    return "; the etcd user needs readwrite on the prefix";
  }
  return "";
}

absl::StatusCode CodeOf(const grpc::Status& status) {
  if (WantsUser(status) || RefusesPassword(status)) return absl::StatusCode::kUnauthenticated;
  switch (status.error_code()) {
    case grpc::StatusCode::PERMISSION_DENIED:
      return absl::StatusCode::kPermissionDenied;
    case grpc::StatusCode::UNAUTHENTICATED:
      return absl::StatusCode::kUnauthenticated;
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INVALID_ARGUMENT:
      return absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

EtcdFault FaultOf(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED ||
      Says(status, "revision of auth store is old") || Says(status, "invalid auth token")) {
    return EtcdFault::kToken;
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return EtcdFault::kEndpoint;
    default:
      return EtcdFault::kFinal;
  }
}

absl::Status ToStatus(const grpc::Status& status, absl::string_view endpoint) {
  return absl::Status(CodeOf(status), absl::StrCat("etcd ", endpoint, ": ", status.error_message(),
                                                   AdviceFor(status)));
}

}  // namespace quorumcache::topology_etcd
