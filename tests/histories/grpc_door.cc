// SPDX-License-Identifier: Apache-2.0
#include <type_traits>
#include <utility>

#include "absl/time/clock.h"
#include "client/client.h"
#include "client/decode_error.h"
#include "client/endpoints.h"
#include "quorumcache/v1/cache.grpc.pb.h"
#include "tests/histories/door.h"
#include "tests/histories/messages.h"

namespace quorumcache::histories {
namespace {

using Stub = v1::CacheService::Stub;

// The response that belongs to a request, and how a stub is asked for it.
grpc::Status Call(Stub& stub, grpc::ClientContext* context, const v1::GetRequest& request,
                  v1::GetResponse* response) {
  return stub.Get(context, request, response);
}
grpc::Status Call(Stub& stub, grpc::ClientContext* context, const v1::SetRequest& request,
                  v1::SetResponse* response) {
  return stub.Set(context, request, response);
}
grpc::Status Call(Stub& stub, grpc::ClientContext* context, const v1::DeleteRequest& request,
                  v1::DeleteResponse* response) {
  return stub.Delete(context, request, response);
}
grpc::Status Call(Stub& stub, grpc::ClientContext* context, const v1::IncrementRequest& request,
                  v1::IncrementResponse* response) {
  return stub.Increment(context, request, response);
}
grpc::Status Call(Stub& stub, grpc::ClientContext* context, const v1::CompareAndSetRequest& request,
                  v1::CompareAndSetResponse* response) {
  return stub.CompareAndSet(context, request, response);
}

absl::StatusOr<v1::GetResponse> Call(client::Client& client, v1::GetRequest request) {
  return client.Get(request);
}
absl::StatusOr<v1::SetResponse> Call(client::Client& client, v1::SetRequest request) {
  return client.Set(std::move(request));
}
absl::StatusOr<v1::DeleteResponse> Call(client::Client& client, v1::DeleteRequest request) {
  return client.Delete(std::move(request));
}
absl::StatusOr<v1::IncrementResponse> Call(client::Client& client, v1::IncrementRequest request) {
  return client.Increment(std::move(request));
}
absl::StatusOr<v1::CompareAndSetResponse> Call(client::Client& client,
                                               v1::CompareAndSetRequest request) {
  return client.CompareAndSet(std::move(request));
}

template <typename Request>
using ResponseTo =
    typename decltype(Call(std::declval<client::Client&>(), std::declval<Request>()))::value_type;

class GrpcDoor final : public Door {
 public:
  explicit GrpcDoor(const std::string& address)
      : endpoint_({address}, nullptr), stub_(endpoint_.channel(0)) {}

  Answer Try(const Ask& ask) override {
    const absl::Time deadline = absl::Now() + kTryTimeout;
    // What cannot even connect has not been sent.
    if (!endpoint_.Connect(0, deadline)) {
      return {.outcome = history::ClientOutcome::kNotApplied, .reason = "UNREACHABLE"};
    }
    return Dispatch(ask, [&](const auto& request) {
      ResponseTo<std::decay_t<decltype(request)>> response;
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(deadline));
      const grpc::Status status = Call(stub_, &context, request, &response);
      return status.ok() ? FromResponse(response) : FromError(client::DecodeError(status));
    });
  }

 private:
  client::Endpoints endpoint_;
  Stub stub_;
};

class ClientDoor final : public Door {
 public:
  explicit ClientDoor(const std::vector<std::string>& addresses)
      : client_({.endpoints = addresses, .timeout = kTryTimeout}) {}

  Answer Try(const Ask& ask) override {
    return Dispatch(ask, [&](const auto& request) {
      const auto response = Call(client_, request);
      return response.ok() ? FromResponse(*response)
                           : FromError(client::ErrorOf(response.status()));
    });
  }

 private:
  client::Client client_;
};

}  // namespace

std::unique_ptr<Door> MakeGrpcDoor(const std::string& address) {
  return std::make_unique<GrpcDoor>(address);
}

std::unique_ptr<Door> MakeClientDoor(const std::vector<std::string>& addresses) {
  return std::make_unique<ClientDoor>(addresses);
}

}  // namespace quorumcache::histories
