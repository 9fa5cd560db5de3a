// SPDX-License-Identifier: Apache-2.0
// FakeNodeCalls: storage nodes that say what a test wants, over the map of a store.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/service/loop_services.h"
#include "coordinator/service/node_calls.h"
#include "tests/support/topology/memory_store.h"

namespace quorumcache::service {

// Loop thread only, as NodeCalls.
class FakeNodeCalls final : public NodeCalls {
 public:
  FakeNodeCalls(LoopServices& loop, topology::MemoryStore& store) : loop_(loop), store_(store) {}

  void Describe(const std::string& address, NodeAnswer<NodeDescription> done) override {
    loop_.Post([this, address, done] {
      const auto known = described.find(address);
      if (known == described.end()) return done(absl::UnavailableError("nobody there"));
      done(known->second);
    });
  }
  void PartitionSizes(const topology::Node& node, NodeAnswer<std::vector<uint64_t>> done) override {
    loop_.Post([this, id = node.id, done] {
      if (silent.contains(id)) return done(absl::UnavailableError("does not answer"));
      done(std::vector<uint64_t>(store_.Read()->partitions.size(), partition_bytes));
    });
  }
  void JoinStatus(const topology::Node& node,
                  NodeAnswer<internal::v1::JoinStatusResponse> done) override {
    ++asked;
    if (keeps_waiting) {
      waiting.push_back(std::move(done));
      return;
    }
    loop_.Post([this, node, done] {
      if (silent.contains(node.id)) return done(absl::UnavailableError("does not answer"));
      done(CopiesOf(node));
    });
  }

  // Whole, but for those of `never_whole`.
  internal::v1::JoinStatusResponse CopiesOf(const topology::Node& node) {
    const topology::ClusterMap map = store_.Read().value();
    internal::v1::JoinStatusResponse response;
    response.set_incarnation(node.incarnation);
    for (uint32_t p = 0; p < map.partitions.size(); ++p) {
      internal::v1::JoinState& join = *response.add_joins();
      join.set_partition(p);
      join.set_join_id(map.partitions[p].ballot_floor_epoch);
      join.set_complete(!never_whole.contains(p));
    }
    return response;
  }

  // By address.
  std::map<std::string, NodeDescription> described;
  // Ids of nodes that do not answer.
  std::set<std::string> silent;
  uint64_t partition_bytes = 0;
  // Partitions whose copies do not come to an end.
  std::set<uint32_t> never_whole;
  int asked = 0;
  // JoinStatus is answered by the test.
  bool keeps_waiting = false;
  std::vector<NodeAnswer<internal::v1::JoinStatusResponse>> waiting;

 private:
  LoopServices& loop_;
  topology::MemoryStore& store_;
};

}  // namespace quorumcache::service
