// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/interrupt.h"

#include <chrono>

#include "common/base/check.h"

namespace quorumcache::topology_etcd {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

void Interrupt::Trigger() {
  const base::MutexLock lock(mutex_);
  triggered_ = true;
  changed_.NotifyAll();
  // TryCancel does not call back, so the lock may be held.
  if (context_ != nullptr) context_->TryCancel();
}

bool Interrupt::triggered() const {
  const base::MutexLock lock(mutex_);
  return triggered_;
}

bool Interrupt::SleepFor(absl::Duration duration) {
  const absl::Duration until = SteadyNow() + duration;
  const base::MutexLock lock(mutex_);
  while (!triggered_) {
    const absl::Duration left = until - SteadyNow();
    if (left <= absl::ZeroDuration()) return true;
    changed_.WaitFor(mutex_, left);
  }
  return false;
}

Interrupt::Scope::Scope(Interrupt& interrupt, grpc::ClientContext& context)
    : interrupt_(interrupt) {
  const base::MutexLock lock(interrupt_.mutex_);
  QC_CHECK(interrupt_.context_ == nullptr);
  interrupt_.context_ = &context;
  if (interrupt_.triggered_) context.TryCancel();
}

Interrupt::Scope::~Scope() {
  const base::MutexLock lock(interrupt_.mutex_);
  interrupt_.context_ = nullptr;
}

}  // namespace quorumcache::topology_etcd
