// SPDX-License-Identifier: Apache-2.0
// Client: the blocking client of a QuorumCache cluster.
//
//   client::Client client({.endpoints = {"127.0.0.1:7401", "127.0.0.1:7402"}});
//   absl::Status stored = client.Put("greeting", "hello", absl::Seconds(60));
//   absl::StatusOr<std::optional<std::string>> value = client.Find("greeting");
//
// Requests and responses are the messages of quorumcache/v1/cache.proto, whose comments say what
// they mean. Calls go to the endpoints in turn. One that fails is made again, elsewhere and within
// the same deadline, where that cannot do anything twice (retry.h); what is returned at last is the
// last error, and ErrorOf (error.h) tells whether the write may have happened. One call is one RPC:
// for many operations at once, MultiGet and MultiSet, or a Pipeline (pipeline.h), are ten times
// cheaper.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/error.h"
#include "quorumcache/v1/cache.pb.h"
#include "quorumcache/v1/cluster.pb.h"

namespace grpc {
class ChannelCredentials;
}  // namespace grpc

namespace quorumcache::client {

struct ClientOptions {
  // host:port of the gRPC doors of coordinators; at least one.
  std::vector<std::string> endpoints;
  // Of one call, retries included. Above the cluster's own second, so that it is the cluster who
  // says what became of a write.
  absl::Duration timeout = absl::Milliseconds(1500);
  // How often a call is tried in all.
  int attempts_max = 4;
  // nullptr: not encrypted.
  std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr;
};

// Thread-safe.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // --- the short forms, namespace "default" ---
  // nullopt: no such key.
  absl::StatusOr<std::optional<std::string>> Find(absl::string_view key);
  // `ttl`: rounded down to nanoseconds; infinite: never expires.
  absl::Status Put(absl::string_view key, absl::string_view value,
                   absl::Duration ttl = absl::InfiniteDuration());
  absl::Status Remove(absl::string_view key);

  // --- everything that the cluster can do ---
  absl::StatusOr<v1::GetResponse> Get(const v1::GetRequest& request);
  // Mutations with a condition get a request id where they have none.
  absl::StatusOr<v1::SetResponse> Set(v1::SetRequest request);
  absl::StatusOr<v1::DeleteResponse> Delete(v1::DeleteRequest request);
  absl::StatusOr<v1::TouchResponse> Touch(v1::TouchRequest request);
  absl::StatusOr<v1::IncrementResponse> Increment(v1::IncrementRequest request);
  absl::StatusOr<v1::CompareAndSetResponse> CompareAndSet(v1::CompareAndSetRequest request);
  // OK also when some of the keys failed: each result says so. Failed keys are not tried again.
  absl::StatusOr<v1::MultiGetResponse> MultiGet(const v1::MultiGetRequest& request);
  absl::StatusOr<v1::MultiSetResponse> MultiSet(const v1::MultiSetRequest& request);
  absl::StatusOr<v1::MultiDeleteResponse> MultiDelete(const v1::MultiDeleteRequest& request);
  // Calls `visit` for every entry until it returns false; goes on elsewhere when a coordinator
  // dies. The time-out holds for each stretch, not for the whole walk.
  absl::Status Scan(const v1::ScanRequest& request,
                    const std::function<bool(const v1::ScanEntry&)>& visit);
  absl::StatusOr<v1::GetClusterMapResponse> GetClusterMap();
  absl::StatusOr<v1::LocateKeyResponse> LocateKey(const v1::LocateKeyRequest& request);

  // Of one endpoint (an index into ClientOptions::endpoints): every coordinator has its own. With
  // `reset` a call that fails may have forgotten what it did not tell.
  absl::StatusOr<v1::ReadSlowLogResponse> ReadSlowLog(size_t endpoint,
                                                      const v1::ReadSlowLogRequest& request);

  // --- changes of the cluster's shape (cluster.proto says what they do) ---
  absl::StatusOr<v1::PlanChangeResponse> PlanChange(const v1::PlanChangeRequest& request);
  // Not tried again once it may have begun.
  absl::StatusOr<v1::CommitChangeResponse> CommitChange(v1::CommitChangeRequest request);
  absl::StatusOr<v1::AbortChangeResponse> AbortChange(v1::AbortChangeRequest request);
  absl::StatusOr<v1::GetRebalanceResponse> GetRebalance();
  // Calls `visit` with the present state, then after each change, until it returns false; goes on
  // elsewhere when a coordinator dies, where the state may come again. The time-out is that of
  // finding a coordinator.
  absl::Status WatchCluster(const std::function<bool(const v1::WatchClusterResponse&)>& visit);

  // Asks one endpoint (an index into ClientOptions::endpoints) whether it is ready; OK: it is.
  absl::Status CheckHealth(size_t endpoint);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumcache::client
