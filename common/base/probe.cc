// SPDX-License-Identifier: Apache-2.0
#include "common/base/probe.h"

#include "common/base/mutex.h"

namespace quorumcache::base {
namespace {

Mutex registry_mutex;

std::vector<const Probe*>& Registry() {
  static auto* probes = new std::vector<const Probe*>();
  return *probes;
}

}  // namespace

Probe::Probe(const char* name) : name_(name) {
  MutexLock lock(registry_mutex);
  Registry().push_back(this);
}

std::vector<const Probe*> ReachedProbes() {
  MutexLock lock(registry_mutex);
  return Registry();
}

}  // namespace quorumcache::base
