// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_lease.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/topology/lease_held.h"

namespace quorumcache::topology_etcd {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// Takes `key` for `holder` where nobody has it, and says who has it in any case.
etcdserverpb::TxnRequest TakeKey(const std::string& key, absl::string_view holder,
                                 int64_t lease_id) {
  etcdserverpb::TxnRequest request;
  etcdserverpb::Compare& is_free = *request.add_compare();
  is_free.set_key(key);
  is_free.set_target(etcdserverpb::Compare::CREATE);
  is_free.set_result(etcdserverpb::Compare::EQUAL);
  is_free.set_create_revision(0);
  etcdserverpb::PutRequest& put = *request.add_success()->mutable_request_put();
  put.set_key(key);
  put.set_value(std::string(holder));
  put.set_lease(lease_id);
  request.add_failure()->mutable_request_range()->set_key(key);
  return request;
}

absl::Status CheckTaken(const etcdserverpb::TxnResponse& response, int64_t lease_id,
                        const std::string& key) {
  if (response.succeeded()) return absl::OkStatus();
  std::string holder = "somebody";
  if (response.responses_size() == 1 && !response.responses(0).response_range().kvs().empty()) {
    const mvccpb::KeyValue& kv = response.responses(0).response_range().kvs(0);
    // Ours: this was the second attempt of a request whose first answer was lost.
    if (kv.lease() == lease_id) return absl::OkStatus();
    holder = kv.value();
  }
  return topology::LeaseHeldError(holder, absl::StrCat("etcd key ", key));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EtcdLease>> EtcdLease::TryAcquire(EtcdClient& client,
                                                                 const std::string& key,
                                                                 absl::string_view holder,
                                                                 absl::Duration ttl) {
  Interrupt never;
  const absl::Duration start = SteadyNow();
  etcdserverpb::LeaseGrantRequest grant;
  grant.set_ttl(std::max<int64_t>(1, absl::ToInt64Seconds(ttl)));
  QC_ASSIGN_OR_RETURN(const etcdserverpb::LeaseGrantResponse granted,
                      client.LeaseGrant(grant, never));
  absl::StatusOr<etcdserverpb::TxnResponse> response =
      client.Txn(TakeKey(key, holder, granted.id()), never);
  const absl::Status taken =
      response.ok() ? CheckTaken(*response, granted.id(), key) : response.status();
  if (!taken.ok()) {
    // What cannot be given back expires.
    (void)client.LeaseRevoke(granted.id(), never);
    return taken;
  }
  const absl::Duration real_ttl = absl::Seconds(granted.ttl());
  // No make_unique: the constructor is private.
  return std::unique_ptr<EtcdLease>(
      new EtcdLease(client, granted.id(), real_ttl, start + real_ttl));
}

EtcdLease::EtcdLease(EtcdClient& client, int64_t id, absl::Duration ttl, absl::Duration valid_until)
    : client_(client), id_(id), ttl_(ttl), valid_until_(valid_until), thread_([this] {
        KeepAlive();
      }) {}

EtcdLease::~EtcdLease() {
  interrupt_.Trigger();
  thread_.join();
  Interrupt never;
  // What cannot be given back expires.
  (void)client_.LeaseRevoke(id_, never);
}

bool EtcdLease::held() const {
  const base::MutexLock lock(mutex_);
  if (SteadyNow() >= valid_until_) valid_until_ = absl::ZeroDuration();
  return valid_until_ != absl::ZeroDuration();
}

bool EtcdLease::Extend(absl::Duration valid_until) {
  if (!held()) return false;
  const base::MutexLock lock(mutex_);
  if (valid_until_ != absl::ZeroDuration()) valid_until_ = valid_until;
  return true;
}

void EtcdLease::KeepAlive() {
  // A third: two attempts may fail before it is lost.
  while (interrupt_.SleepFor(ttl_ / 3) && held()) {
    const absl::Duration asked_at = SteadyNow();
    const absl::StatusOr<int64_t> ttl_seconds = client_.LeaseKeepAlive(id_, interrupt_);
    // etcd cannot be asked: again later, until it has expired.
    if (!ttl_seconds.ok()) continue;
    const bool is_gone = *ttl_seconds <= 0;
    if (!Extend(is_gone ? absl::ZeroDuration() : asked_at + absl::Seconds(*ttl_seconds))) return;
  }
}

}  // namespace quorumcache::topology_etcd
