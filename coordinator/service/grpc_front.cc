// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/grpc_front.h"

#include <iterator>
#include <utility>

#include "coordinator/service/cache_doors.h"
#include "coordinator/service/change_doors.h"
#include "coordinator/service/cluster_doors.h"
#include "coordinator/service/multi_doors.h"
#include "coordinator/service/pipeline_door.h"
#include "coordinator/service/scan_door.h"
#include "coordinator/service/watch_door.h"

namespace quorumcache::service {
namespace {

void Append(std::vector<std::unique_ptr<Door>>& doors, std::vector<std::unique_ptr<Door>> more) {
  std::move(more.begin(), more.end(), std::back_inserter(doors));
}

}  // namespace

GrpcFront::GrpcFront()
    : reflection_({v1::CacheService::service_full_name(), v1::ClusterService::service_full_name(),
                   "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}) {}

std::vector<grpc::Service*> GrpcFront::services() {
  return {&cache_service_, &cluster_service_, health_.service(), reflection_.service()};
}

void GrpcFront::Start(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                      CoreBackend& backend, metrics::Registry& registry) {
  Append(doors_, MakeCacheDoors(queue, cache_service_, backend, registry));
  Append(doors_, MakeMultiDoors(queue, cache_service_, backend, registry));
  Append(doors_, MakeClusterDoors(queue, cluster_service_, backend, registry));
  doors_.push_back(std::make_unique<ScanDoor>(loop, queue, cache_service_, backend, registry));
  doors_.push_back(std::make_unique<PipelineDoor>(loop, queue, cache_service_, backend, registry));
  health_.Start(queue);
  reflection_.Start(queue);
  SetServing(false);
}

void GrpcFront::ServeAdmin(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue,
                           ClusterAdmin& admin, metrics::Registry& registry) {
  Append(doors_, MakeChangeDoors(loop, queue, cluster_service_, admin, registry));
  doors_.push_back(std::make_unique<WatchDoor>(loop, queue, cluster_service_, admin, registry));
}

void GrpcFront::Open() {
  for (const std::unique_ptr<Door>& door : doors_) door->Start();
}

void GrpcFront::SetServing(bool serving) {
  health_.Set("", serving);
  health_.Set(v1::CacheService::service_full_name(), serving);
  health_.Set(v1::ClusterService::service_full_name(), serving);
}

void GrpcFront::CloseDoors() {
  for (const std::unique_ptr<Door>& door : doors_) door->Close();
}

void GrpcFront::Close() {
  health_.Close();
  reflection_.Close();
  CloseDoors();
}

}  // namespace quorumcache::service
