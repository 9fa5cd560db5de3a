// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/etcd_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/rpc/backoff.h"
#include "common/runtime/thread_priority.h"
#include "common/topology_etcd/map_value.h"

namespace quorumcache::topology_etcd {

EtcdWatch::EtcdWatch(EtcdClient& client, std::string key, std::string place,
                     const EtcdOptions& options, topology::TopologyCallback callback)
    : client_(client),
      key_(std::move(key)),
      place_(std::move(place)),
      recheck_interval_(options.recheck_interval),
      reporter_(place_, std::move(callback)),
      random_(options.seed),
      thread_([this] { Run(); }) {}

EtcdWatch::~EtcdWatch() {
  QC_CHECK(std::this_thread::get_id() != thread_.get_id());
  interrupt_.Trigger();
  thread_.join();
}

void EtcdWatch::Run() {
  runtime::StepBehindOtherThreads();
  rpc::Backoff backoff;
  while (!interrupt_.triggered()) {
    if (Look() && Follow()) backoff.Reset();
    if (!interrupt_.SleepFor(backoff.Next(random_))) return;
  }
}

bool EtcdWatch::Look() {
  etcdserverpb::RangeRequest request;
  request.set_key(key_);
  const auto response = client_.Range(request, interrupt_);
  if (interrupt_.triggered()) return false;
  if (!response.ok()) {
    reporter_.Report(response.status());
    return false;
  }
  revision_ = response->header().revision();
  Report(response->kvs().empty() ? nullptr : &response->kvs(0));
  return true;
}

void EtcdWatch::Report(const mvccpb::KeyValue* kv) {
  mod_revision_ = kv == nullptr ? 0 : kv->mod_revision();
  if (kv == nullptr) {
    reporter_.Report(absl::NotFoundError(absl::StrCat(place_, ": there is no map")));
  } else {
    reporter_.Report(DecodeMapValue(kv->value(), place_));
  }
}

bool EtcdWatch::Follow() {
  needs_look_ = false;
  for (bool went_well = false;; went_well = true) {
    etcdserverpb::WatchCreateRequest request;
    request.set_key(key_);
    request.set_start_revision(revision_ + 1);
    const absl::Status watched = client_.Watch(
        request, recheck_interval_,
        [this](const etcdserverpb::WatchResponse& answer) { return OnAnswer(answer); }, interrupt_);
    if (!watched.ok() || needs_look_ || !Recheck()) return went_well;
  }
}

bool EtcdWatch::OnAnswer(const etcdserverpb::WatchResponse& answer) {
  if (answer.canceled() || answer.compact_revision() != 0) {
    needs_look_ = true;
    return false;
  }
  if (answer.events().empty()) return true;
  revision_ = std::max(revision_, answer.header().revision());
  const mvccpb::Event& last = answer.events(answer.events_size() - 1);
  Report(last.type() == mvccpb::Event::DELETE ? nullptr : &last.kv());
  return true;
}

bool EtcdWatch::Recheck() {
  etcdserverpb::RangeRequest request;
  request.set_key(key_);
  request.set_keys_only(true);
  const auto response = client_.Range(request, interrupt_);
  if (!response.ok()) return false;
  const int64_t mod_revision = response->kvs().empty() ? 0 : response->kvs(0).mod_revision();
  if (mod_revision != mod_revision_) return false;
  revision_ = response->header().revision();
  reporter_.Confirm();
  return true;
}

}  // namespace quorumcache::topology_etcd
