// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/settings.h"

#include "common/base/status_macros.h"
#include "common/runtime/listen_address.h"
#include "common/runtime/logging.h"

namespace quorumcache::service {
namespace {

void AddAddresses(Settings& settings, runtime::Options& options) {
  options.AddString("name", &settings.name,
                    {.help = "Name of this coordinator in logs; host and port when empty."});
  options.AddString("zone", &settings.zone,
                    {.help = "Zone of this coordinator: reads prefer replicas in it.",
                     .reason = "Empty: none is preferred."});
  options.AddString(
      "listen", &settings.listen,
      {.help = "Address of the gRPC door; port 0 picks a free one.", .value_name = "HOST:PORT"});
  options.AddString(
      "http-listen", &settings.http_listen,
      {.help = "Address of the HTTP door: gateway, metrics, health.", .value_name = "HOST:PORT"});
  topology_stores::AddStoreOptions(&settings.store, &options);
  options.AddBool("insecure", &settings.insecure,
                  {.help = "Listen on addresses that other machines can reach.",
                   .reason = "Off: there is no TLS and there are no tokens yet."});
}

void AddBounds(Settings& settings, runtime::Options& options) {
  options.AddByteSize("max-value-size", &settings.max_value_size, size_t{1},
                      limits::kValueSizeBytesMaxCeiling,
                      {.help = "Longest value that is accepted.",
                       .reason = "One value is one message, held several times on its way."});
  options.AddDuration("default-timeout", &settings.default_timeout, absl::Milliseconds(1),
                      absl::Milliseconds(limits::kOperationTimeoutMsMax),
                      {.help = "Time of an operation whose client names none.",
                       .reason = "Ten times what a loaded cluster takes."});
  options.AddDuration("max-timeout", &settings.max_timeout, absl::Milliseconds(1),
                      absl::Milliseconds(limits::kOperationTimeoutMsMax),
                      {.help = "Longer times that clients name are cut to it."});
}

void AddRunning(Settings& settings, runtime::Options& options) {
  options.AddDuration("drain-delay", &settings.drain_delay, absl::ZeroDuration(), absl::Minutes(10),
                      {.help = "After SIGTERM: how long to go on serving while health checks "
                               "already say no.",
                       .reason = "0: set it to two intervals of your load balancer's checks."});
  options.AddDuration("shutdown-grace", &settings.shutdown_grace, absl::ZeroDuration(),
                      absl::Minutes(10),
                      {.help = "After that: how long requests under way may take to end."});
  options.AddDuration("slow-threshold", &settings.slow_threshold, absl::ZeroDuration(),
                      absl::Milliseconds(limits::kOperationTimeoutMsMax),
                      {.help = "Operations that take longer are kept for qcctl slowlog and, one "
                               "a second, logged; 0: none.",
                       .reason = "People notice a tenth of a second."});
  options.AddInteger("http-threads", &settings.http_threads, 1, 64,
                     {.help = "Threads of the HTTP door."});
  options.AddChoice("log-level", &settings.log_level, {"info", "warning", "error"},
                    {.help = "Log lines below it are dropped."});
}

}  // namespace

RequestLimits Settings::request_limits() const {
  RequestLimits limits;
  limits.value_size_bytes_max = max_value_size;
  limits.timeout_default = default_timeout;
  limits.timeout_max = max_timeout;
  return limits;
}

void AddOptions(Settings& settings, runtime::Options& options) {
  AddAddresses(settings, options);
  AddBounds(settings, options);
  AddRunning(settings, options);
}

absl::Status Validate(const Settings& settings) {
  QC_RETURN_IF_ERROR(runtime::CheckLogLevel(settings.log_level));
  QC_RETURN_IF_ERROR(runtime::CheckListenAddress("listen", settings.listen, settings.insecure));
  QC_RETURN_IF_ERROR(
      runtime::CheckListenAddress("http-listen", settings.http_listen, settings.insecure));
  QC_RETURN_IF_ERROR(topology_stores::CheckStoreOptions(settings.store));
  if (settings.default_timeout > settings.max_timeout) {
    return absl::InvalidArgumentError("--default-timeout is longer than --max-timeout");
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::service
