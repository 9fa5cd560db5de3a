// SPDX-License-Identifier: Apache-2.0
#include "coordinator/rebalance/edits.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology/validate.h"

namespace quorumcache::rebalance {
namespace {

using topology::ClusterMap;
using topology::Node;
using topology::NodeIndex;

class Editor {
 public:
  Editor(const ClusterMap& map, EditedNodes* out)
      : map_(map), counts_(topology::ReplicaCounts(map)), out_(*out) {
    out_.nodes = map.nodes;
  }

  absl::Status operator()(const AddNode& edit) {
    QC_RETURN_IF_ERROR(Add(edit));
    Say(absl::StrCat("add ", edit.node.id));
    return absl::OkStatus();
  }

  absl::Status operator()(const DrainNode& edit) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, Find(edit.id));
    SetWeightOf(node, 0);
    Say(absl::StrCat("drain ", edit.id));
    return absl::OkStatus();
  }

  absl::Status operator()(const RemoveNode& edit) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, Find(edit.id));
    SetWeightOf(node, 0);
    out_.removes.push_back(node);
    if (edit.is_dead) out_.dead.push_back(node);
    Say(absl::StrCat("remove ", edit.is_dead ? "dead " : "", edit.id));
    return absl::OkStatus();
  }

  absl::Status operator()(const ReplaceNode& edit) {
    QC_ASSIGN_OR_RETURN(const NodeIndex dead, Find(edit.dead));
    Say(absl::StrCat("replace ", edit.dead, " with ",
                     edit.with == edit.dead ? "its new disk" : edit.with));
    out_.dead.push_back(dead);
    if (edit.with == edit.dead) {
      if (counts_[dead] > 0) out_.reborn.push_back(dead);
      out_.nodes[dead].incarnation = edit.node.has_value() ? edit.node->node.incarnation : 0;
      return absl::OkStatus();
    }
    if (edit.node.has_value()) {
      QC_RETURN_IF_ERROR(Add(*edit.node));
    } else {
      QC_ASSIGN_OR_RETURN(const NodeIndex with, Find(edit.with));
      QC_RETURN_IF_ERROR(CheckStandIn(edit, with, dead));
    }
    SetWeightOf(dead, 0);
    out_.removes.push_back(dead);
    return absl::OkStatus();
  }

  absl::Status operator()(const SetWeight& edit) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, Find(edit.id));
    if (edit.weight > limits::kNodeWeightMax) {
      return absl::InvalidArgumentError(absl::StrCat("weight is ", edit.weight, ", at most ",
                                                     limits::kNodeWeightMax, " is allowed"));
    }
    SetWeightOf(node, edit.weight);
    Say(absl::StrCat("set the weight of ", edit.id, " to ", edit.weight));
    return absl::OkStatus();
  }

  absl::Status operator()(const SetZone& edit) {
    QC_ASSIGN_OR_RETURN(const NodeIndex node, Find(edit.id));
    QC_RETURN_IF_ERROR(topology::ValidateZone(edit.zone));
    out_.nodes[node].zone = edit.zone;
    Say(absl::StrCat("put ", edit.id, " into zone ", edit.zone.empty() ? "\"\"" : edit.zone));
    return absl::OkStatus();
  }

  std::string Summary() const {
    return said_.empty() ? std::string("rebalance") : absl::StrJoin(said_, ", ");
  }

 private:
  void Say(std::string what) { said_.push_back(std::move(what)); }

  // Each node is named once: two edits of one node would depend on their order.
  absl::StatusOr<NodeIndex> Find(const std::string& id) {
    const auto node = map_.FindNode(id);
    if (!node.has_value()) {
      return absl::NotFoundError(absl::StrCat("there is no node ", id, " in the cluster"));
    }
    if (!named_.insert(id).second) {
      return absl::InvalidArgumentError(absl::StrCat("node ", id, " is named twice"));
    }
    return *node;
  }

  absl::Status Add(const AddNode& edit) {
    const Node& node = edit.node;
    QC_RETURN_IF_ERROR(topology::ValidateNodeId(node.id));
    QC_RETURN_IF_ERROR(topology::ValidateAddress(node.address));
    QC_RETURN_IF_ERROR(topology::ValidateZone(node.zone));
    if (!edit.cluster_id.empty() && edit.cluster_id != map_.cluster_id) {
      return absl::FailedPreconditionError(
          absl::StrCat("node ", node.id, " belongs to cluster ", edit.cluster_id, ", not to ",
                       map_.cluster_id, ": give it an empty data directory"));
    }
    for (const Node& other : out_.nodes) {
      if (other.id == node.id) {
        return absl::AlreadyExistsError(absl::StrCat("node ", node.id, " is in the cluster"));
      }
      if (other.address == node.address) {
        return absl::AlreadyExistsError(
            absl::StrCat("the address ", node.address, " is in use by node ", other.id));
      }
    }
    const auto index = static_cast<NodeIndex>(out_.nodes.size());
    out_.nodes.push_back(node);
    out_.weights_on_abort.push_back({index, 0});
    return absl::OkStatus();
  }

  absl::Status CheckStandIn(const ReplaceNode& edit, NodeIndex with, NodeIndex dead) {
    if (counts_[with] > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("node ", edit.with, " holds partitions already: to spread what ", edit.dead,
                       " had over all others, use `qcctl node remove ", edit.dead,
                       "`, where one that does not answer counts as dead"));
    }
    SetWeightOf(with, out_.nodes[dead].weight);
    return absl::OkStatus();
  }

  void SetWeightOf(NodeIndex node, uint32_t weight) {
    if (out_.nodes[node].weight == weight) return;
    out_.weights_on_abort.push_back({node, out_.nodes[node].weight});
    out_.nodes[node].weight = weight;
  }

  const ClusterMap& map_;
  const std::vector<uint32_t> counts_;
  EditedNodes& out_;
  std::set<std::string> named_;
  std::vector<std::string> said_;
};

absl::Status CheckEnoughAreLeft(const ClusterMap& map, const EditedNodes& edited) {
  const auto left = static_cast<uint32_t>(std::count_if(
      edited.nodes.begin(), edited.nodes.end(), [](const Node& node) { return node.weight > 0; }));
  if (left >= map.replication_factor) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(
      "only ", left, " nodes would be left to hold partitions, and each partition needs ",
      map.replication_factor, " (the replication factor): add nodes first"));
}

}  // namespace

absl::StatusOr<EditedNodes> ApplyEdits(const ClusterMap& map, const ChangeRequest& request) {
  EditedNodes edited;
  Editor editor(map, &edited);
  for (const Edit& edit : request.edits) QC_RETURN_IF_ERROR(std::visit(editor, edit));
  edited.summary = editor.Summary();
  QC_RETURN_IF_ERROR(CheckEnoughAreLeft(map, edited));
  if (!edited.reborn.empty() && request.edits.size() > 1) {
    return absl::InvalidArgumentError("a node's new disk is a change of its own");
  }
  return edited;
}

}  // namespace quorumcache::rebalance
