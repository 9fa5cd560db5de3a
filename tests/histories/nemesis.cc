// SPDX-License-Identifier: Apache-2.0
#include "tests/histories/nemesis.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "tests/histories/packet_filter.h"

namespace quorumcache::histories {
namespace {

using support::LinkRules;

constexpr std::array<const char*, kFaultKinds + 5> kNames = {
    "kill node",   "kill coordinator", "pause node",  "pause coordinator", "cut node",
    "cut link",    "cut requests",     "cut replies", "cut clients",       "delay node",
    "reset links", "refuse node",      "kill two",    "cut two",           "kill every node",
    "drop node",   "drop to node",     "drop from",   "drop link",         "lose packets"};
constexpr double kLostShare = 0.3;

constexpr LinkRules kCutBothWays{.hold_forward = true, .hold_backward = true};

// One fault that is on.
class Strike {
 public:
  Strike(const Fault& fault, Cluster& cluster)
      : kind_(fault.kind),
        loses_held_(fault.loses_held),
        cluster_(cluster),
        node_(cluster.storage_nodes()[fault.node]),
        other_node_(cluster.storage_nodes()[(fault.node + 1) % 3]),
        coordinator_(cluster.coordinators()[fault.coordinator]) {}

  void Begin() {
    switch (kind_) {
      case FaultKind::kKillNode:
        return cluster_.Kill(node_);
      case FaultKind::kKillCoordinator:
        return cluster_.Kill(coordinator_);
      case FaultKind::kPauseNode:
        return cluster_.Pause(node_);
      case FaultKind::kPauseCoordinator:
        return cluster_.Pause(coordinator_);
      case FaultKind::kKillTwoNodes:
        cluster_.Kill(node_);
        return cluster_.Kill(other_node_);
      case FaultKind::kKillEveryNode:
        for (const std::string& node : cluster_.storage_nodes()) cluster_.Kill(node);
        return;
      case FaultKind::kDropNode:
      case FaultKind::kDropToNode:
      case FaultKind::kDropFromNode:
      case FaultKind::kDropLink:
      case FaultKind::kLosePackets:
        dropped_ = DropPackets();
        return;
      default:
        return SpoilLinks();
    }
  }

  // Whatever was begun; what was not is left alone.
  absl::Status End() {
    QC_RETURN_IF_ERROR(dropped_);
    QC_RETURN_IF_ERROR(filter_.Clear());
    if (loses_held_) ResetLinks();
    cluster_.proxy().Heal();
    cluster_.Resume(node_);
    cluster_.Resume(coordinator_);
    for (const std::string& node : cluster_.storage_nodes()) {
      QC_RETURN_IF_ERROR(cluster_.Restart(node));
    }
    return cluster_.Restart(coordinator_);
  }

  // Known when it has ended.
  uint64_t packets_lost() const { return filter_.lost(); }

 private:
  void SpoilLinks() {
    support::TcpProxy& proxy = cluster_.proxy();
    switch (kind_) {
      case FaultKind::kCutNode:
        return SpoilNode(node_, kCutBothWays);
      case FaultKind::kCutTwoNodes:
        SpoilNode(node_, kCutBothWays);
        return SpoilNode(other_node_, kCutBothWays);
      case FaultKind::kCutLink:
        return proxy.SetRules({coordinator_, node_}, kCutBothWays);
      case FaultKind::kCutRequests:
        return proxy.SetRules({coordinator_, node_}, {.hold_forward = true});
      case FaultKind::kCutReplies:
        return proxy.SetRules({coordinator_, node_}, {.hold_backward = true});
      case FaultKind::kCutClients:
        proxy.SetRules({"clients", coordinator_}, {.hold_backward = true});
        return proxy.SetRules({"clients", coordinator_ + "/http"}, {.hold_backward = true});
      case FaultKind::kDelayNode:
        return SpoilNode(node_, {.delay_forward = absl::Milliseconds(40),
                                 .delay_backward = absl::Milliseconds(40)});
      case FaultKind::kRefuseNode:
        SpoilNode(node_, {.refuse = true});
        [[fallthrough]];
      case FaultKind::kResetLinks:
        return ResetLinks();
      default:
        return;
    }
  }

  absl::Status DropPackets() {
    const uint16_t port = cluster_.PortOfNode(node_);
    if (kind_ == FaultKind::kDropLink) {
      for (const uint16_t source : cluster_.PortsTowards(coordinator_, node_)) {
        QC_RETURN_IF_ERROR(filter_.Drop({.from_port = source, .to_port = port}));
        QC_RETURN_IF_ERROR(filter_.Drop({.from_port = port, .to_port = source}));
      }
      return absl::OkStatus();
    }
    const double share = kind_ == FaultKind::kLosePackets ? kLostShare : 1;
    if (kind_ != FaultKind::kDropFromNode) {
      QC_RETURN_IF_ERROR(filter_.Drop({.to_port = port, .share = share}));
    }
    if (kind_ == FaultKind::kDropToNode) return absl::OkStatus();
    return filter_.Drop({.from_port = port, .share = share});
  }

  void ResetLinks() {
    support::TcpProxy& proxy = cluster_.proxy();
    for (const std::string& source : cluster_.coordinators()) {
      proxy.Reset({source, node_});
      proxy.Reset({source, other_node_});
    }
    proxy.Reset({"clients", coordinator_});
    proxy.Reset({"clients", coordinator_ + "/http"});
  }

  // Every link to the node: from the coordinators, and from the other nodes.
  void SpoilNode(const std::string& node, const LinkRules& rules) {
    for (const auto* sources : {&cluster_.coordinators(), &cluster_.storage_nodes()}) {
      for (const std::string& source : *sources) cluster_.proxy().SetRules({source, node}, rules);
    }
    for (const std::string& target : cluster_.storage_nodes()) {
      cluster_.proxy().SetRules({node, target}, rules);
    }
  }

  const FaultKind kind_;
  const bool loses_held_;
  PacketFilter filter_;
  absl::Status dropped_;
  Cluster& cluster_;
  const std::string node_;
  const std::string other_node_;
  const std::string coordinator_;
};

absl::Duration Between(base::Random& random, absl::Duration low, absl::Duration high) {
  return low + (high - low) * random.Fraction();
}

}  // namespace

std::string Describe(const Fault& fault) {
  return absl::StrCat(kNames[static_cast<size_t>(fault.kind)], " n", fault.node + 1, " c",
                      fault.coordinator + 1, " for ", absl::ToInt64Milliseconds(fault.lasts), " ms",
                      fault.loses_held ? " and loses what it held, then " : ", then ",
                      absl::ToInt64Milliseconds(fault.pause), " ms");
}

std::vector<FaultKind> AllFaultKinds() {
  std::vector<FaultKind> kinds;
  for (int i = 0; i < kFaultKinds; ++i) kinds.push_back(static_cast<FaultKind>(i));
  return kinds;
}

std::vector<FaultKind> PacketFaultKinds() {
  return {FaultKind::kKillNode,         FaultKind::kKillCoordinator, FaultKind::kPauseNode,
          FaultKind::kPauseCoordinator, FaultKind::kCutClients,      FaultKind::kKillTwoNodes,
          FaultKind::kKillEveryNode,    FaultKind::kDropNode,        FaultKind::kDropToNode,
          FaultKind::kDropFromNode,     FaultKind::kDropLink,        FaultKind::kLosePackets};
}

std::vector<Fault> PlanFaults(uint64_t seed, absl::Duration length, std::vector<FaultKind> kinds) {
  QC_CHECK(!kinds.empty());
  base::Random random(seed);
  // A second long on average, half of it in peace, where there is time for all kinds.
  const absl::Duration usual = std::min(absl::Seconds(1.3), length / kFaultKinds);
  std::vector<Fault> faults;
  for (absl::Duration planned; planned < length || faults.size() < kFaultKinds;) {
    for (size_t i = kinds.size() - 1; i > 0; --i) std::swap(kinds[i], kinds[random.Uniform(i + 1)]);
    for (const FaultKind kind : kinds) {
      Fault fault{.kind = kind,
                  .node = static_cast<int>(random.Uniform(3)),
                  .coordinator = static_cast<int>(random.Uniform(3)),
                  .lasts = Between(random, usual * 0.2, usual * 1.0),
                  .loses_held = random.OneIn(2),
                  .pause = Between(random, usual * 0.1, usual * 0.7)};
      planned += fault.lasts + fault.pause;
      faults.push_back(fault);
    }
  }
  return faults;
}

absl::Status RunFaults(const std::vector<Fault>& faults, Cluster& cluster,
                       const std::function<bool(absl::Duration)>& rest,
                       std::vector<std::string>* begun) {
  for (size_t i = 0; i < faults.size(); ++i) {
    begun->push_back(Describe(faults[i]));
    Strike strike(faults[i], cluster);
    strike.Begin();
    const bool lasted = rest(faults[i].lasts);
    QC_RETURN_IF_ERROR(strike.End());
    if (strike.packets_lost() > 0) {
      absl::StrAppend(&begun->back(), "; packets lost: ", strike.packets_lost());
    }
    const bool goes_on = rest(faults[i].pause) && lasted;
    if (!goes_on && i + 1 >= kFaultKinds) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::histories
