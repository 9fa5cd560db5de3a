// SPDX-License-Identifier: Apache-2.0
// /v1/cluster/changes, /v1/events, and the origin's /join and /leave: how the cluster changes
// shape.
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "coordinator/gateway/change_json.h"
#include "coordinator/gateway/failure.h"
#include "coordinator/gateway/json_reader.h"
#include "coordinator/gateway/json_writer.h"
#include "coordinator/gateway/request_reader.h"
#include "coordinator/gateway/routes.h"

namespace quorumcache::gateway {
namespace {

using http::HttpRequest;
using http::HttpResponse;
using http::Responder;
using service::CacheError;
using service::ChangePlan;
using service::ChangeResult;
using service::ClusterAdmin;
using service::ClusterChange;

// A change that takes time has been accepted, and GET /v1/cluster/changes says how far it is.
HttpResponse ResultAnswer(const ChangeResult& result, absl::string_view request_id) {
  if (!result.error.ok()) return Failure(result.error, request_id);
  const bool done = result.rebalance.state == service::RebalanceState::kIdle;
  return JsonResponse(done ? 200 : 202, RebalanceJson(result.rebalance));
}

std::function<void(ChangeResult)> AnswerResult(const HttpRequest& request, Responder responder) {
  return [=, id = request.request_id](const ChangeResult& result) {
    responder.Send(ResultAnswer(result, id));
  };
}

// Parses query and body with `read`; false: an error has been sent.
template <typename Read>
bool ReadBody(const HttpRequest& request, const Responder& responder, Read read) {
  http::QueryParams query;
  boost::json::object body;
  CacheError error;
  if (ReadQuery(request, {}, query, error) && ParseObject(request.body, body, error) &&
      read(body, error)) {
    return true;
  }
  responder.Send(Failure(error, request.request_id));
  return false;
}

void Plan(ClusterAdmin& admin, const HttpRequest& request, const Responder& responder) {
  ClusterChange change;
  std::optional<uint64_t> epoch;
  if (!ReadBody(request, responder, [&](const boost::json::object& body, CacheError& error) {
        return ReadChange(body, change, epoch, error);
      })) {
    return;
  }
  admin.Plan(std::move(change), [=, id = request.request_id](const ChangePlan& plan) {
    responder.Send(plan.error.ok() ? JsonResponse(200, PlanJson(plan)) : Failure(plan.error, id));
  });
}

void Commit(ClusterAdmin& admin, const HttpRequest& request, const Responder& responder) {
  ClusterChange change;
  std::optional<uint64_t> epoch;
  const auto read = [&](const boost::json::object& body, CacheError& error) {
    if (!ReadChange(body, change, epoch, error)) return false;
    if (epoch.has_value()) return true;
    error = BadRequest("EPOCH_MISSING",
                       "\"epoch\" is missing: a commit names the map that it was planned from");
    return false;
  };
  if (!ReadBody(request, responder, read)) return;
  admin.Commit(std::move(change), epoch, AnswerResult(request, responder));
}

void Abort(ClusterAdmin& admin, const HttpRequest& request, const Responder& responder) {
  std::optional<uint64_t> epoch;
  const auto read = [&](const boost::json::object& body, CacheError& error) {
    return CheckMembers(body, {"epoch"}, error) && ReadEpoch(body, epoch, error);
  };
  if (!request.body.empty() && !ReadBody(request, responder, read)) return;
  admin.Abort(epoch, AnswerResult(request, responder));
}

void Show(ClusterAdmin& admin, const HttpRequest&, const Responder& responder) {
  admin.GetRebalance([=](const service::RebalanceView& view) {
    responder.Send(JsonResponse(200, RebalanceJson(view)));
  });
}

// The origin's {"node":"host:port"}.
void Join(ClusterAdmin& admin, const HttpRequest& request, const Responder& responder) {
  ClusterChange change;
  const auto read = [&](const boost::json::object& body, CacheError& error) {
    return CheckMembers(body, {"node", "zone"}, error) &&
           ReadString(body, "node", change.add.emplace_back().address, error) &&
           ReadOptionalString(body, "zone", change.add.back().zone, error);
  };
  if (!ReadBody(request, responder, read)) return;
  admin.Commit(std::move(change), std::nullopt, AnswerResult(request, responder));
}

void Leave(ClusterAdmin& admin, const HttpRequest& request, const Responder& responder) {
  http::QueryParams query;
  CacheError error;
  if (ReadQuery(request, {"node"}, query, error) && !query.Find("node").has_value()) {
    error = BadRequest("NODE_INVALID", "the query parameter \"node\" is missing");
  }
  if (!error.ok()) return responder.Send(Failure(error, request.request_id));
  ClusterChange change;
  change.remove.emplace_back(*query.Find("node"));
  admin.Commit(std::move(change), std::nullopt, AnswerResult(request, responder));
}

// One client of /v1/events. The watch goes when the client does.
struct EventStream {
  base::Mutex mutex;
  bool is_closed ABSL_GUARDED_BY(mutex) = false;
  std::unique_ptr<service::ClusterWatch> watch ABSL_GUARDED_BY(mutex);

  // What was in it must be destroyed without the lock.
  std::unique_ptr<service::ClusterWatch> Close() {
    base::MutexLock lock(mutex);
    is_closed = true;
    return std::move(watch);
  }
  std::unique_ptr<service::ClusterWatch> Keep(std::unique_ptr<service::ClusterWatch> added) {
    base::MutexLock lock(mutex);
    if (is_closed) return added;
    watch = std::move(added);
    return nullptr;
  }
};

void StreamEvents(ClusterAdmin& admin, const HttpRequest&, const Responder& responder) {
  HttpResponse head;
  head.headers.Set("Content-Type", "text/event-stream");
  head.headers.Set("Cache-Control", "no-store");
  const auto state = std::make_shared<EventStream>();
  http::ResponseStream stream = responder.StartStream(head, [state] { state->Close(); });
  // A client that reads too slowly misses states; the next one says all there is to know.
  state->Keep(admin.Watch([stream](const service::ClusterEvent& event) mutable {
    stream.Write(
        absl::StrCat("event: cluster\ndata: ", boost::json::serialize(EventJson(event)), "\n\n"));
  }));
}

}  // namespace

void AddChangeRoutes(ClusterAdmin& admin, http::Router& router) {
  using Handler = void (*)(ClusterAdmin&, const HttpRequest&, const Responder&);
  const auto add = [&](const char* method, const char* pattern, Handler handler) {
    router.Add(
        {.method = method,
         .pattern = pattern,
         .handler = [&admin, handler](const HttpRequest& request, const Responder& responder) {
           handler(admin, request, responder);
         }});
  };
  add("GET", "/v1/cluster/changes", Show);
  add("POST", "/v1/cluster/changes:plan", Plan);
  add("POST", "/v1/cluster/changes:commit", Commit);
  add("POST", "/v1/cluster/changes:abort", Abort);
  add("GET", "/v1/events", StreamEvents);
  add("POST", "/join", Join);
  add("POST", "/leave", Leave);
}

}  // namespace quorumcache::gateway
