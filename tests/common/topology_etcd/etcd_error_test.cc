// SPDX-License-Identifier: Apache-2.0
// The texts are those of etcd's api/v3rpc/rpctypes/error.go.
#include "common/topology_etcd/etcd_error.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::topology_etcd {
namespace {

using grpc::StatusCode;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

TEST(EtcdErrorTest, WhatAnotherMemberMayDoBetterIsTriedThere) {
  for (const grpc::Status& status :
       {grpc::Status(StatusCode::UNAVAILABLE, "etcdserver: no leader"),
        grpc::Status(StatusCode::UNAVAILABLE, "etcdserver: leader changed"),
        grpc::Status(StatusCode::UNAVAILABLE, "failed to connect to all addresses"),
        grpc::Status(StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"),
        grpc::Status(StatusCode::UNKNOWN, "Stream removed")}) {
    EXPECT_EQ(FaultOf(status), EtcdFault::kEndpoint) << status.error_message();
    EXPECT_THAT(ToStatus(status, "m1:2379"),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("etcd m1:2379: ")));
  }
}

TEST(EtcdErrorTest, AnOldTokenIsRenewed) {
  for (const grpc::Status& status :
       {grpc::Status(StatusCode::UNAUTHENTICATED, "etcdserver: invalid auth token"),
        grpc::Status(StatusCode::INVALID_ARGUMENT, "etcdserver: revision of auth store is old")}) {
    EXPECT_EQ(FaultOf(status), EtcdFault::kToken) << status.error_message();
  }
}

TEST(EtcdErrorTest, RefusalsAreFinalAndSayWhatToDo) {
  const std::tuple<grpc::Status, absl::StatusCode, const char*> cases[] = {
      {grpc::Status(StatusCode::INVALID_ARGUMENT, "etcdserver: user name is empty"),
       absl::StatusCode::kUnauthenticated, "set --etcd-user"},
      {grpc::Status(StatusCode::INVALID_ARGUMENT,
                    "etcdserver: authentication failed, invalid user ID or password"),
       absl::StatusCode::kUnauthenticated, "--etcd-password-file"},
      {grpc::Status(StatusCode::PERMISSION_DENIED, "etcdserver: permission denied"),
       absl::StatusCode::kPermissionDenied, "readwrite on the prefix"},
      {grpc::Status(StatusCode::RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
       absl::StatusCode::kUnavailable, "compact and defragment"},
      {grpc::Status(StatusCode::INVALID_ARGUMENT, "etcdserver: request is too large"),
       absl::StatusCode::kInternal, "--max-request-bytes"},
      {grpc::Status(StatusCode::UNIMPLEMENTED, "unknown service"), absl::StatusCode::kInternal,
       "unknown service"},
  };
  for (const auto& [status, code, advice] : cases) {
    EXPECT_EQ(FaultOf(status), EtcdFault::kFinal) << status.error_message();
    EXPECT_THAT(ToStatus(status, "m1"),
                StatusIs(code, AllOf(HasSubstr(status.error_message()), HasSubstr(advice))));
  }
}

}  // namespace
}  // namespace quorumcache::topology_etcd
