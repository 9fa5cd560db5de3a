// SPDX-License-Identifier: Apache-2.0
// ScanWalk: one page of a scan: partition after partition in token order, each from a majority of
// its slots.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/service/cache_backend.h"
#include "coordinator/service/loop_services.h"
#include "coordinator/service/page_token.h"
#include "coordinator/service/scan_client.h"
#include "coordinator/service/scan_merge.h"
#include "coordinator/service/topology_view.h"

namespace quorumcache::service {

// Owned by the callbacks of the calls under way: it lives until its page is done. Loop thread only.
class ScanWalk : public std::enable_shared_from_this<ScanWalk> {
 public:
  using Done = std::function<void(ScanPage)>;

  // What a walk works with; all outlive it.
  struct Tools {
    LoopServices* loop = nullptr;
    ScanClient* client = nullptr;
    const ReplicaTransport* transport = nullptr;
    size_t* active_walks = nullptr;
    // True: end soon.
    const bool* draining = nullptr;
  };

  // Checks `request` and walks; `done` is called once, possibly at once. A page ends when it is
  // full, at the end of the namespace, or when half of the request's time is used: then it is
  // short, with a token.
  static void Start(const Tools& tools, std::shared_ptr<const TopologyView> view,
                    ScanRequest request, Done done);

  ScanWalk(const Tools& tools, std::shared_ptr<const TopologyView> view, ScanRequest request,
           Done done);
  ~ScanWalk();

 private:
  // One replica asked about the present partition.
  struct Asked {
    LinkId link = 0;
    uint8_t slot = 0;
    bool failed = false;
    internal::v1::ScanPartitionResponse response;
  };

  // Asks a majority of the present partition's slots.
  void AskPartition();
  // The replicas to ask: of as many whole slots as make a majority; empty where there are too few.
  std::vector<Asked> ChooseReplicas() const;
  void Ask(size_t index);
  void OnAnswer(size_t index, const absl::Status& status,
                internal::v1::ScanPartitionResponse& response);
  void OnPartitionAnswered();
  // Takes over what the merge found; false: the page is done.
  bool Advance(const MergeResult& merged);
  void Finish();
  void Fail(std::string detail);
  bool TimeIsUp() const;

  const Tools tools_;
  const std::shared_ptr<const TopologyView> view_;
  ScanRequest request_;
  Done done_;
  base::MonotonicTime soft_deadline_;
  base::MonotonicTime deadline_;
  ScanPosition position_;
  PageRoom room_;
  ScanPage page_;
  std::vector<Asked> asked_;
  size_t waiting_ = 0;
  // Links that failed in this walk: not asked again.
  std::vector<LinkId> bad_links_;
  std::string last_failure_;
};

}  // namespace quorumcache::service
