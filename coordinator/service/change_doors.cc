// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_doors.h"

#include <functional>
#include <optional>
#include <utility>

#include "common/rpc/unary_door.h"
#include "coordinator/service/change_messages.h"
#include "coordinator/service/door_limits.h"
#include "coordinator/service/grpc_counters.h"
#include "coordinator/service/grpc_errors.h"

namespace quorumcache::service {
namespace {

using Service = v1::ClusterService::AsyncService;

// One method: `ask` hands the request to the admin, whose answer comes on a thread of its own and
// is taken back to the loop.
template <typename Request, typename Response, typename Answer>
class AdminDoor final : public Door, private rpc::UnaryDoor<Request, Response>::Handler {
 public:
  using Unary = rpc::UnaryDoor<Request, Response>;
  using Done = std::function<void(Answer)>;
  using Ask = void (*)(ClusterAdmin& admin, Request& request, Done done);

  template <typename Method>
  AdminDoor(rpc::EventLoop& loop, grpc::ServerCompletionQueue& queue, Service& service,
            Method method, ClusterAdmin& admin, GrpcMethodCounters counters, Ask ask)
      : loop_(loop),
        admin_(admin),
        counters_(counters),
        ask_(ask),
        door_(queue, service, method, *this) {}

  void Start() override { door_.Start(kColdCallsWaiting); }
  void Close() override {}

 private:
  void OnCall(typename Unary::Call& call) override {
    counters_.Started();
    ask_(admin_, call.request(), [this, &call](Answer answer) {
      loop_.Post([this, &call, answer = std::move(answer)] { Finish(call, answer); });
    });
  }

  void Finish(typename Unary::Call& call, const Answer& answer) {
    const CacheError error = ErrorOf(answer);
    counters_.Handled(error.code);
    if (!error.ok()) return call.Finish(ToGrpcStatus(error));
    Fill(answer, call.response());
    call.Finish(grpc::Status::OK);
  }

  static CacheError ErrorOf(const RebalanceView&) { return CacheError(); }
  template <typename T>
  static CacheError ErrorOf(const T& answer) {
    return answer.error;
  }

  static void Fill(const ChangePlan& plan, v1::PlanChangeResponse& response) {
    FillMessage(plan, response);
  }
  static void Fill(const RebalanceView& view, v1::GetRebalanceResponse& response) {
    FillMessage(view, *response.mutable_rebalance());
  }
  template <typename T>
  static void Fill(const ChangeResult& result, T& response) {
    response.set_epoch(result.rebalance.epoch);
    FillMessage(result.rebalance, *response.mutable_rebalance());
  }

  rpc::EventLoop& loop_;
  ClusterAdmin& admin_;
  GrpcMethodCounters counters_;
  const Ask ask_;
  Unary door_;
};

using PlanDoor = AdminDoor<v1::PlanChangeRequest, v1::PlanChangeResponse, ChangePlan>;
using CommitDoor = AdminDoor<v1::CommitChangeRequest, v1::CommitChangeResponse, ChangeResult>;
using AbortDoor = AdminDoor<v1::AbortChangeRequest, v1::AbortChangeResponse, ChangeResult>;
using RebalanceDoor = AdminDoor<v1::GetRebalanceRequest, v1::GetRebalanceResponse, RebalanceView>;

void AskPlan(ClusterAdmin& admin, v1::PlanChangeRequest& request, PlanDoor::Done done) {
  admin.Plan(TakeChange(*request.mutable_change()), std::move(done));
}

void AskCommit(ClusterAdmin& admin, v1::CommitChangeRequest& request, CommitDoor::Done done) {
  admin.Commit(TakeChange(*request.mutable_change()), request.epoch(), std::move(done));
}

void AskAbort(ClusterAdmin& admin, v1::AbortChangeRequest& request, AbortDoor::Done done) {
  admin.Abort(request.epoch() == 0 ? std::nullopt : std::optional<uint64_t>(request.epoch()),
              std::move(done));
}

void AskRebalance(ClusterAdmin& admin, v1::GetRebalanceRequest&, RebalanceDoor::Done done) {
  admin.GetRebalance(std::move(done));
}

}  // namespace

std::vector<std::unique_ptr<Door>> MakeChangeDoors(rpc::EventLoop& loop,
                                                   grpc::ServerCompletionQueue& queue,
                                                   Service& service, ClusterAdmin& admin,
                                                   metrics::Registry& registry) {
  const auto counters = [&registry](const char* method) {
    return GrpcMethodCounters(registry, {v1::ClusterService::service_full_name(), method, "unary"});
  };
  std::vector<std::unique_ptr<Door>> doors;
  doors.push_back(std::make_unique<PlanDoor>(loop, queue, service, &Service::RequestPlanChange,
                                             admin, counters("PlanChange"), AskPlan));
  doors.push_back(std::make_unique<CommitDoor>(loop, queue, service, &Service::RequestCommitChange,
                                               admin, counters("CommitChange"), AskCommit));
  doors.push_back(std::make_unique<AbortDoor>(loop, queue, service, &Service::RequestAbortChange,
                                              admin, counters("AbortChange"), AskAbort));
  doors.push_back(std::make_unique<RebalanceDoor>(loop, queue, service,
                                                  &Service::RequestGetRebalance, admin,
                                                  counters("GetRebalance"), AskRebalance));
  return doors;
}

}  // namespace quorumcache::service
