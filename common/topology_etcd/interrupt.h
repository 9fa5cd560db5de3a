// SPDX-License-Identifier: Apache-2.0
// Interrupt: ends what another thread waits for, so that a thread can be joined without waiting for
// a time-out.
#pragma once

#include <grpcpp/client_context.h>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace quorumcache::topology_etcd {

// Thread-safe. One thread waits, by SleepFor or in a call that a Scope covers; any other triggers.
class Interrupt {
 public:
  // From now on every call is cancelled and every sleep ends.
  void Trigger();
  bool triggered() const;
  // False when it was triggered before the time was over.
  bool SleepFor(absl::Duration duration);

  // Covers a call with `context` for as long as it lives.
  class Scope {
   public:
    Scope(Interrupt& interrupt, grpc::ClientContext& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool triggered_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace quorumcache::topology_etcd
