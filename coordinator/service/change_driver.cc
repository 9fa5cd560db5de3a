// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/change_driver.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/topology/lease_held.h"

namespace quorumcache::service {
namespace {

// How soon a change goes on after its driver has given up the lease, and how late a lost lease is
// noticed; both cost a call to the store.
constexpr absl::Duration kLeaseLookInterval = absl::Milliseconds(500);

rebalance::JoinReport ReportOf(const internal::v1::JoinStatusResponse& response) {
  rebalance::JoinReport report;
  report.incarnation = response.incarnation();
  for (const internal::v1::JoinState& join : response.joins()) {
    report.joins.push_back({.partition = join.partition(),
                            .join_id = join.join_id(),
                            .complete = join.complete(),
                            .keys = join.keys(),
                            .size_bytes = join.size_bytes()});
  }
  return report;
}

}  // namespace

ChangeDriver::ChangeDriver(Parts parts)
    : parts_(std::move(parts)), driver_(rebalance::DriverOptions()) {}

ChangeDriver::~ChangeDriver() {
  parts_.loop.Cancel(alarm_);
}

void ChangeDriver::OnMap(const topology::ClusterMap& map) {
  if (is_stopped_ || map.epoch <= map_.epoch) return;
  map_ = map;
  Do(driver_.OnMap(map, now()));
  LookAfterLease();
  Rearm();
}

void ChangeDriver::OnTimer() {
  if (now() >= next_lease_look_) LookAfterLease();
  Do(driver_.OnTimer(now()));
  Rearm();
}

void ChangeDriver::Stop() {
  is_stopped_ = true;
  parts_.loop.Cancel(alarm_);
  DropLease();
}

void ChangeDriver::Do(rebalance::Driver::Actions actions) {
  for (const std::string& node_id : actions.asks) Ask(node_id);
  if (actions.publish) Publish(*std::move(actions.publish));
}

void ChangeDriver::Publish(rebalance::Driver::Publish publish) {
  const auto work = std::make_shared<rebalance::Driver::Publish>(std::move(publish));
  const auto answer = [this](const absl::Status& status) {
    if (is_stopped_) return;
    if (!status.ok()) LOG(WARNING) << "publishing a step of the change: " << status.message();
    Do(driver_.OnPublished(status, now()));
    Rearm();
  };
  const bool posted = parts_.tasks.Post([this, work, answer] {
    const absl::Status status = parts_.store.CompareAndSet(work->expected_epoch, work->map);
    parts_.loop.Post([answer, status] { answer(status); });
  });
  if (!posted) answer(absl::UnavailableError("stopping"));
}

void ChangeDriver::Ask(const std::string& node_id) {
  const auto answer = [this, node_id](const absl::StatusOr<rebalance::JoinReport>& report) {
    if (is_stopped_) return;
    Do(driver_.OnJoins(node_id, report, now()));
    Rearm();
  };
  const std::optional<topology::NodeIndex> node = map_.FindNode(node_id);
  if (!node.has_value()) {
    parts_.loop.Post([answer] { answer(absl::NotFoundError("not in the cluster map")); });
    return;
  }
  parts_.calls.JoinStatus(map_.nodes[*node],
                          [answer](absl::StatusOr<internal::v1::JoinStatusResponse> response) {
                            if (!response.ok()) return answer(response.status());
                            answer(ReportOf(*response));
                          });
}

void ChangeDriver::LookAfterLease() {
  next_lease_look_ = now() + kLeaseLookInterval;
  if (lease_ != nullptr && !lease_->held()) {
    LOG(WARNING) << "lost the lease to drive the change";
    DropLease();
  }
  if (!map_.change.has_value()) {
    if (lease_ != nullptr) {
      LOG(INFO) << "the change is done, cluster map epoch " << map_.epoch;
      DropLease();
    }
    driver_name_.clear();
    lease_problem_.clear();
    return;
  }
  if (lease_ != nullptr || is_taking_lease_ || is_stopped_) return;
  is_taking_lease_ = parts_.tasks.Post([this] {
    auto answer = std::make_shared<LeaseOr>(parts_.store.TryAcquireLease(parts_.name));
    parts_.loop.Post([this, answer = std::move(answer)] { OnLease(answer); });
  });
}

void ChangeDriver::OnLease(std::shared_ptr<LeaseOr> answer) {
  is_taking_lease_ = false;
  if (!answer->ok()) {
    // Somebody else drives, which is as it should be; or the store cannot be reached.
    const bool is_held = absl::IsFailedPrecondition(answer->status());
    driver_name_ = topology::HolderIn(answer->status());
    lease_problem_ = is_held ? "" : std::string(answer->status().message());
    return Rearm();
  }
  lease_ = std::move(**answer);
  if (is_stopped_ || !map_.change.has_value()) return DropLease();
  LOG(INFO) << "driving the change \"" << map_.change->summary << "\"";
  driver_name_ = parts_.name;
  lease_problem_.clear();
  Do(driver_.OnLease(true, now()));
  Rearm();
}

void ChangeDriver::DropLease() {
  if (lease_ == nullptr) return;
  // Giving it back may block; when the tasks have stopped, so has the store.
  std::shared_ptr<topology::TopologyLease> lease(std::move(lease_));
  driver_name_.clear();
  (void)parts_.tasks.Post([lease = std::move(lease)]() mutable { lease.reset(); });
  Do(driver_.OnLease(false, now()));
}

void ChangeDriver::Rearm() {
  if (is_stopped_) return;
  base::MonotonicTime at = driver_.wake_at();
  if (map_.change.has_value()) at = std::min(at, next_lease_look_);
  parts_.loop.Arm(alarm_, at);
}

std::string ChangeDriver::problem() const {
  if (!map_.change.has_value()) return "";
  if (!lease_problem_.empty()) return lease_problem_;
  const rebalance::Progress progress = driver_.progress();
  if (!progress.waiting_for.empty()) {
    return absl::StrCat("waiting for ", absl::StrJoin(progress.waiting_for, ", "),
                        " to be started");
  }
  return progress.last_error;
}

}  // namespace quorumcache::service
