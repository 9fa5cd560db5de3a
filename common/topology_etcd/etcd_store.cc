// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"
#include "common/topology_base/store_rules.h"
#include "common/topology_etcd/etcd_lease.h"
#include "common/topology_etcd/etcd_watch.h"
#include "common/topology_etcd/map_value.h"

namespace quorumcache::topology_etcd {
namespace {

void AddPut(etcdserverpb::TxnRequest& request, const std::string& key, const std::string& value) {
  etcdserverpb::PutRequest& put = *request.add_success()->mutable_request_put();
  put.set_key(key);
  put.set_value(value);
}

}  // namespace

EtcdStore::EtcdStore(EtcdUrl url, const EtcdOptions& options)
    : url_(std::move(url)),
      options_(options),
      place_(absl::StrCat("etcd ", absl::StrJoin(url_.endpoints, ","), " key ", url_.MapKey())),
      client_(url_, options_),
      random_(options.seed) {}

std::string EtcdStore::NewMark() {
  const base::MutexLock lock(mutex_);
  return absl::StrCat(absl::Hex(random_.Next(), absl::kZeroPad16),
                      absl::Hex(random_.Next(), absl::kZeroPad16));
}

absl::StatusOr<EtcdStore::Present> EtcdStore::ReadPresent() {
  etcdserverpb::RangeRequest request;
  request.set_key(url_.MapKey());
  Interrupt never;
  QC_ASSIGN_OR_RETURN(const etcdserverpb::RangeResponse response, client_.Range(request, never));
  if (response.kvs().empty()) {
    return absl::NotFoundError(absl::StrCat(
        place_, ": there is no map; no cluster has been made here, or the prefix is another one"));
  }
  QC_ASSIGN_OR_RETURN(topology::ClusterMap map, DecodeMapValue(response.kvs(0).value(), place_));
  return Present{.map = std::move(map), .mod_revision = response.kvs(0).mod_revision()};
}

absl::StatusOr<topology::ClusterMap> EtcdStore::Read() {
  QC_ASSIGN_OR_RETURN(Present present, ReadPresent());
  return std::move(present.map);
}

absl::StatusOr<bool> EtcdStore::Put(int64_t mod_revision, const topology::ClusterMap& map) {
  QC_ASSIGN_OR_RETURN(const std::string value, EncodeMapValue(map));
  const std::string writer_key = url_.WriterKey(map.epoch);
  const std::string mark = NewMark();
  etcdserverpb::TxnRequest request;
  etcdserverpb::Compare& is_unchanged = *request.add_compare();
  is_unchanged.set_key(url_.MapKey());
  is_unchanged.set_target(etcdserverpb::Compare::MOD);
  is_unchanged.set_result(etcdserverpb::Compare::EQUAL);
  is_unchanged.set_mod_revision(mod_revision);
  AddPut(request, url_.MapKey(), value);
  AddPut(request, writer_key, mark);
  request.add_failure()->mutable_request_range()->set_key(writer_key);
  Interrupt never;
  QC_ASSIGN_OR_RETURN(const etcdserverpb::TxnResponse response, client_.Txn(request, never));
  if (response.succeeded()) return true;
  // Our mark: this was the second attempt of a request whose first answer was lost.
  return response.responses_size() == 1 && !response.responses(0).response_range().kvs().empty() &&
         response.responses(0).response_range().kvs(0).value() == mark;
}

absl::Status EtcdStore::Create(const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  QC_ASSIGN_OR_RETURN(const bool is_created, Put(0, map));
  if (is_created) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat(place_, ": there is a map already; nothing was changed"));
}

absl::Status EtcdStore::CompareAndSet(uint64_t expected_epoch, const topology::ClusterMap& map) {
  QC_RETURN_IF_ERROR(topology::Validate(map));
  QC_ASSIGN_OR_RETURN(const Present present, ReadPresent());
  QC_RETURN_IF_ERROR(topology_base::CheckChange(present.map, expected_epoch, map, place_));
  QC_ASSIGN_OR_RETURN(const bool is_set, Put(present.mod_revision, map));
  if (is_set) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(place_,
                                         ": another process has changed the map from epoch ",
                                         expected_epoch, "; nothing was changed"));
}

absl::StatusOr<std::unique_ptr<topology::TopologyWatch>> EtcdStore::Watch(
    topology::TopologyCallback callback) {
  return std::make_unique<EtcdWatch>(client_, url_.MapKey(), place_, options_, std::move(callback));
}

absl::StatusOr<std::unique_ptr<topology::TopologyLease>> EtcdStore::TryAcquireLease(
    absl::string_view holder) {
  QC_RETURN_IF_ERROR(topology_base::CheckLeaseHolder(holder));
  return EtcdLease::TryAcquire(client_, url_.LeaseKey(), holder, options_.lease_ttl);
}

}  // namespace quorumcache::topology_etcd
