// SPDX-License-Identifier: Apache-2.0
// qc-coordinator: reads its settings, builds the coordinator, serves until SIGTERM or SIGINT, takes
// it down.
//
// Exit codes: 0 stopped as asked, 1 could not start, 2 usage.
#include <glog/logging.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/metrics/names.h"
#include "common/metrics/process_collector.h"
#include "common/metrics/registry.h"
#include "common/rpc/grpc_log.h"
#include "common/runtime/config.h"
#include "common/runtime/listen_address.h"
#include "common/runtime/logging.h"
#include "common/runtime/random_bits.h"
#include "common/runtime/real_clock.h"
#include "common/runtime/service_manager.h"
#include "common/runtime/shutdown_signal.h"
#include "common/runtime/version.h"
#include "common/topology_stores/open_store.h"
#include "coordinator/gateway/gateway.h"
#include "coordinator/service/coordinator.h"
#include "coordinator/service/coordinator_metrics.h"
#include "coordinator/service/settings.h"

namespace quorumcache {
namespace {

constexpr char kProgram[] = "qc-coordinator";

void AddProcessMetrics(metrics::Registry& registry) {
  registry.AddCollectable(std::make_shared<metrics::ProcessCollector>());
  registry.AddGauge(metrics::kBuildInfo, {{"version", std::string(runtime::Version())}}).Set(1);
}

service::CoordinatorOptions MakeOptions(const service::Settings& settings) {
  service::CoordinatorOptions options;
  options.name = settings.name.empty() ? settings.listen : settings.name;
  options.zone = settings.zone;
  options.listen_address = settings.listen;
  options.limits = settings.request_limits();
  options.slow_threshold = settings.slow_threshold_or_never();
  options.seed = runtime::RandomNonZero64();
  return options;
}

absl::StatusOr<std::unique_ptr<http::Server>> ServeHttp(const service::Settings& settings,
                                                        const http::Router& router) {
  QC_ASSIGN_OR_RETURN(const runtime::HostPort address,
                      runtime::ParseHostPort(settings.http_listen));
  http::ServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.thread_count = settings.http_threads;
  return http::Server::Start(options, router);
}

// Who started this process may want to know; that it cannot be told is no reason to stop.
void Tell(const absl::Status& told) {
  LOG_IF(WARNING, !told.ok()) << told.message();
}

// Until a signal, then down in reverse: first no new callers, then no calls, then nothing.
void AwaitAndStop(const service::Settings& settings, runtime::ShutdownSignal& signal,
                  http::Server& http, service::Coordinator& coordinator) {
  const runtime::ServiceManager manager = runtime::ServiceManager::FromEnvironment();
  const std::string doors =
      absl::StrCat("serving gRPC on port ", coordinator.port(), " and HTTP on port ", http.port());
  LOG(INFO) << doors;
  Tell(manager.Ready(doors));
  const int number = signal.Wait();
  LOG(INFO) << "signal " << number << ": stopping";
  Tell(manager.Stopping());
  coordinator.AnnounceShutdown();
  http.AnnounceShutdown();
  // A second signal cuts this short by ending the process.
  signal.WaitFor(settings.drain_delay);
  // Once more as long, for proxies to be done with the connections they have.
  coordinator.StopListening();
  signal.WaitFor(settings.drain_delay);
  http.Shutdown(settings.shutdown_grace);
  coordinator.Shutdown(settings.shutdown_grace);
  LOG(INFO) << "stopped";
}

absl::Status Serve(const service::Settings& settings, runtime::ShutdownSignal& signal) {
  const runtime::RealClock clock;
  metrics::Registry registry;
  AddProcessMetrics(registry);
  service::CoordinatorMetrics metrics(registry);
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<topology::TopologyStore> store,
                      topology_stores::OpenStore(settings.store, runtime::RandomNonZero64()));
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<service::Coordinator> coordinator,
                      service::Coordinator::Start(MakeOptions(settings), *store, clock, metrics));
  registry.AddGaugeCallback(metrics::kReady, [&backend = coordinator->backend()] {
    std::vector<std::string> ignored;
    return backend.Ready(&ignored) ? 1.0 : 0.0;
  });
  http::Router router;
  gateway::GatewayOptions gateway_options;
  gateway_options.value_size_bytes_max = settings.max_value_size;
  gateway_options.admin = &coordinator->admin();
  gateway_options.metrics_text = [&registry] { return registry.RenderText(); };
  gateway::AddRoutes(coordinator->backend(), gateway_options, router);
  coordinator->WaitUntilOpen();
  QC_ASSIGN_OR_RETURN(const std::unique_ptr<http::Server> http, ServeHttp(settings, router));
  AwaitAndStop(settings, signal, *http, *coordinator);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  service::Settings settings;
  runtime::Options options;
  service::AddOptions(settings, options);
  const std::optional<int> exit_code = runtime::ConfigureServer(
      {kProgram, "Routes requests to the storage nodes and counts their answers."}, argc, argv,
      options, [&settings] { return service::Validate(settings); });
  if (exit_code) return *exit_code;
  runtime::ShutdownSignal signal;
  runtime::InitLogging(kProgram, settings.log_level);
  rpc::SendGrpcLogToGlog();
  runtime::LogStart(kProgram, runtime::Version());
  const absl::Status status = Serve(settings, signal);
  if (status.ok()) return EXIT_SUCCESS;
  LOG(ERROR) << kProgram << " cannot start: " << status.message();
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace quorumcache

int main(int argc, char** argv) {
  return quorumcache::Main(argc, argv);
}
