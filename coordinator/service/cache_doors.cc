// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/cache_doors.h"

#include "coordinator/service/door_limits.h"

namespace quorumcache::service {
namespace {

using Service = v1::CacheService::AsyncService;

// Adds doors to a list; knows what they have in common.
class DoorMaker {
 public:
  DoorMaker(grpc::ServerCompletionQueue& queue, Service& service, CoreBackend& backend,
            metrics::Registry& registry)
      : queue_(queue), service_(service), backend_(backend), registry_(registry) {}

  template <typename Request, typename Response, typename Method>
  void Add(const char* name, Method method, int waiting) {
    const GrpcMethodCounters counters(registry_,
                                      {v1::CacheService::service_full_name(), name, "unary"});
    doors_.push_back(std::make_unique<CacheDoor<Request, Response>>(queue_, service_, method,
                                                                    backend_, counters, waiting));
  }
  std::vector<std::unique_ptr<Door>> Take() { return std::move(doors_); }

 private:
  grpc::ServerCompletionQueue& queue_;
  Service& service_;
  CoreBackend& backend_;
  metrics::Registry& registry_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace

std::vector<std::unique_ptr<Door>> MakeCacheDoors(grpc::ServerCompletionQueue& queue,
                                                  Service& service, CoreBackend& backend,
                                                  metrics::Registry& registry) {
  DoorMaker maker(queue, service, backend, registry);
  maker.Add<v1::GetRequest, v1::GetResponse>("Get", &Service::RequestGet, kHotCallsWaiting);
  maker.Add<v1::SetRequest, v1::SetResponse>("Set", &Service::RequestSet, kHotCallsWaiting);
  maker.Add<v1::DeleteRequest, v1::DeleteResponse>("Delete", &Service::RequestDelete,
                                                   kColdCallsWaiting);
  maker.Add<v1::TouchRequest, v1::TouchResponse>("Touch", &Service::RequestTouch,
                                                 kColdCallsWaiting);
  maker.Add<v1::IncrementRequest, v1::IncrementResponse>("Increment", &Service::RequestIncrement,
                                                         kColdCallsWaiting);
  maker.Add<v1::CompareAndSetRequest, v1::CompareAndSetResponse>(
      "CompareAndSet", &Service::RequestCompareAndSet, kColdCallsWaiting);
  return maker.Take();
}

}  // namespace quorumcache::service
