// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace quorumcache::runtime {
namespace {

constexpr int kNice = 10;

}  // namespace

void StepBehindOtherThreads() {
  // On Linux niceness belongs to a thread, and PRIO_PROCESS takes its id. It cannot fail: the
  // thread is our own, and it only becomes nicer.
  const auto thread = static_cast<id_t>(gettid());
  if (getpriority(PRIO_PROCESS, thread) < kNice) setpriority(PRIO_PROCESS, thread, kNice);
}

}  // namespace quorumcache::runtime
