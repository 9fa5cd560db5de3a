// SPDX-License-Identifier: Apache-2.0
// Settings: what an operator may tell a coordinator, and the checks that take more than one option.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/limits.h"
#include "common/runtime/options.h"
#include "common/topology_stores/store_options.h"
#include "coordinator/service/request_rules.h"

namespace quorumcache::service {

// Value; its defaults are the product's.
struct Settings {
  std::string name;
  std::string zone;
  std::string listen = "127.0.0.1:7401";
  std::string http_listen = "127.0.0.1:7480";
  topology_stores::StoreOptions store;
  size_t max_value_size = limits::kValueSizeBytesMaxDefault;
  absl::Duration default_timeout = absl::Milliseconds(limits::kOperationTimeoutMsDefault);
  absl::Duration max_timeout = absl::Milliseconds(limits::kOperationTimeoutMsMax);
  // Zero: off.
  absl::Duration slow_threshold = absl::Milliseconds(100);
  absl::Duration drain_delay = absl::ZeroDuration();
  absl::Duration shutdown_grace = absl::Seconds(10);
  int http_threads = 1;
  bool insecure = false;
  std::string log_level = "info";

  RequestLimits request_limits() const;
  // Infinite where the slow log is off.
  absl::Duration slow_threshold_or_never() const {
    return slow_threshold == absl::ZeroDuration() ? absl::InfiniteDuration() : slow_threshold;
  }
};

// Binds every option to `settings`, which must outlive `options`.
void AddOptions(Settings& settings, runtime::Options& options);
// INVALID_ARGUMENT or FAILED_PRECONDITION, saying which option and what to do.
absl::Status Validate(const Settings& settings);

}  // namespace quorumcache::service
