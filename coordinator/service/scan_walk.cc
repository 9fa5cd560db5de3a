// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/scan_walk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "coordinator/service/errors.h"
#include "coordinator/service/request_rules.h"

namespace quorumcache::service {
namespace {

// One answer with values stays well under the 4 MiB that gRPC clients take unless told otherwise.
constexpr size_t kPageBytesMax = size_t{1} << 20;
constexpr absl::Duration kScanTimeoutDefault = absl::Seconds(5);
// One replica, one partition; also how long a shutdown may wait for a scan.
constexpr absl::Duration kCallTimeoutMax = absl::Seconds(1);

bool CheckScan(const ScanRequest& request, CacheError& error) {
  if (!CheckNamespace(request.namespace_name, error)) return false;
  if (request.prefix.size() > limits::kKeySizeBytesMax) {
    error = InvalidArgument(
        "KEY_INVALID", absl::StrCat("prefix is ", request.prefix.size(),
                                    " bytes; no key is longer than ", limits::kKeySizeBytesMax));
    return false;
  }
  if (request.page_size == 0 || request.page_size > limits::kBatchKeysMax) {
    error = InvalidArgument("PAGE_SIZE_INVALID",
                            absl::StrCat("page size is ", request.page_size, "; it must be 1 to ",
                                         limits::kBatchKeysMax));
    return false;
  }
  return true;
}

bool CheckPosition(const ScanRequest& request, uint32_t partition_count, ScanPosition& position,
                   CacheError& error) {
  const std::optional<ScanPosition> parsed = ParsePageToken(request.page_token);
  if (!parsed || parsed->partition >= partition_count) {
    error = InvalidArgument("PAGE_TOKEN_INVALID", "page_token is not from an earlier page");
    return false;
  }
  position = *parsed;
  return true;
}

}  // namespace

void ScanWalk::Start(const Tools& tools, std::shared_ptr<const TopologyView> view,
                     ScanRequest request, Done done) {
  ScanPage refused;
  if (!CheckScan(request, refused.error)) return done(std::move(refused));
  if (view == nullptr) {
    refused.error = NoTopologyError();
    return done(std::move(refused));
  }
  if (request.namespace_name.empty()) request.namespace_name = model::kDefaultNamespace;
  if (!view->HasNamespace(request.namespace_name)) {
    refused.error = NamespaceNotFoundError(request.namespace_name);
    return done(std::move(refused));
  }
  ScanPosition position;
  if (!CheckPosition(request, view->partition_count(), position, refused.error)) {
    return done(std::move(refused));
  }
  const auto walk =
      std::make_shared<ScanWalk>(tools, std::move(view), std::move(request), std::move(done));
  walk->position_ = std::move(position);
  walk->AskPartition();
}

ScanWalk::ScanWalk(const Tools& tools, std::shared_ptr<const TopologyView> view,
                   ScanRequest request, Done done)
    : tools_(tools),
      view_(std::move(view)),
      request_(std::move(request)),
      done_(std::move(done)),
      room_{request_.page_size, kPageBytesMax} {
  const absl::Duration timeout =
      request_.timeout > absl::ZeroDuration() ? request_.timeout : kScanTimeoutDefault;
  const base::MonotonicTime now = tools_.loop->now().monotonic;
  soft_deadline_ = now + timeout / 2;
  deadline_ = now + timeout;
  ++*tools_.active_walks;
}

ScanWalk::~ScanWalk() {
  --*tools_.active_walks;
}

std::vector<ScanWalk::Asked> ScanWalk::ChooseReplicas() const {
  const model::ReplicaSet& set = view_->replicas(position_.partition);
  std::vector<Asked> chosen;
  size_t slots = 0;
  for (uint8_t slot = 0; slot < set.slot_count && slots < set.Majority(); ++slot) {
    if (set.IsVacant(slot)) continue;
    // A moving slot says what it holds only through both of its nodes.
    std::vector<Asked> nodes;
    bool whole = true;
    for (const model::Replica& replica : set.replicas) {
      if (replica.slot != slot) continue;
      const LinkId link = view_->link(replica.node);
      const bool bad = std::find(bad_links_.begin(), bad_links_.end(), link) != bad_links_.end();
      whole = whole && !bad && tools_.transport->IsUp(link);
      nodes.push_back(Asked{link, slot, false, {}});
    }
    if (!whole || nodes.empty()) continue;
    ++slots;
    std::move(nodes.begin(), nodes.end(), std::back_inserter(chosen));
  }
  if (slots < set.Majority()) chosen.clear();
  return chosen;
}

void ScanWalk::AskPartition() {
  asked_ = ChooseReplicas();
  if (asked_.empty()) {
    return Fail(absl::StrCat("too few replicas of partition ", position_.partition,
                             " can be reached",
                             last_failure_.empty() ? "" : absl::StrCat(": ", last_failure_)));
  }
  waiting_ = asked_.size();
  for (size_t i = 0; i < asked_.size(); ++i) Ask(i);
}

void ScanWalk::Ask(size_t index) {
  internal::v1::ScanPartitionRequest request;
  request.set_partition(position_.partition);
  request.set_epoch(view_->replicas(position_.partition).epoch);
  request.set_namespace_(request_.namespace_name);
  request.set_prefix(request_.prefix);
  request.set_after(position_.after);
  request.set_limit(static_cast<uint32_t>(room_.entries));
  request.set_include_values(request_.include_values);
  tools_.client->ScanPartition(
      asked_[index].link, std::move(request),
      std::min(deadline_ - tools_.loop->now().monotonic, kCallTimeoutMax),
      [self = shared_from_this(), index](const absl::Status& status,
                                         internal::v1::ScanPartitionResponse& response) {
        self->OnAnswer(index, status, response);
      });
}

void ScanWalk::OnAnswer(size_t index, const absl::Status& status,
                        internal::v1::ScanPartitionResponse& response) {
  QC_CHECK(waiting_ > 0);
  Asked& asked = asked_[index];
  asked.response.Swap(&response);
  asked.failed = !status.ok();
  if (asked.failed) {
    bad_links_.push_back(asked.link);
    last_failure_ = status.ToString();
  }
  if (--waiting_ == 0) OnPartitionAnswered();
}

void ScanWalk::OnPartitionAnswered() {
  std::vector<internal::v1::ScanPartitionResponse> pages;
  for (Asked& asked : asked_) {
    // Once more, without it: at worst until too few are left.
    if (asked.failed) return TimeIsUp() ? Finish() : AskPartition();
    pages.push_back(std::move(asked.response));
  }
  const uint64_t now_ms = tools_.loop->now().wall_ms;
  if (!Advance(MergeScanPages(pages, now_ms, room_, page_.entries))) return Finish();
  AskPartition();
}

bool ScanWalk::Advance(const MergeResult& merged) {
  if (merged.complete) {
    position_.after.clear();
    if (++position_.partition == view_->partition_count()) return false;
  } else if (merged.after > position_.after) {
    position_.after = merged.after;
  } else if (room_.entries > 0) {
    // A replica that neither ends nor goes on would keep the walk here for ever.
    Fail("a replica's scan does not advance");
    return false;
  }
  return room_.entries > 0 && !TimeIsUp();
}

bool ScanWalk::TimeIsUp() const {
  return *tools_.draining || tools_.loop->now().monotonic >= soft_deadline_;
}

void ScanWalk::Finish() {
  if (done_ == nullptr) return;
  if (position_.partition < view_->partition_count()) {
    page_.next_page_token = FormatPageToken(position_);
  }
  std::exchange(done_, nullptr)(std::move(page_));
}

void ScanWalk::Fail(std::string detail) {
  // What was found is not thrown away: the next page meets the same trouble, or no more.
  if (!page_.entries.empty()) return Finish();
  page_.error = UnreachableError(std::move(detail));
  if (done_ != nullptr) std::exchange(done_, nullptr)(std::move(page_));
}

}  // namespace quorumcache::service
