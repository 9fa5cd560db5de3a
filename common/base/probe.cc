// SPDX-License-Identifier: Apache-2.0
#include "common/base/probe.h"

#include <algorithm>

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

std::vector<const Probe*> AllProbes() {
  MutexLock lock(registry_mutex);
  std::vector<const Probe*> probes = Registry();
  std::sort(probes.begin(), probes.end(),
            [](const Probe* a, const Probe* b) { return a->name() < b->name(); });
  return probes;
}

}  // namespace quorumcache::base
