// SPDX-License-Identifier: Apache-2.0
#include "cli/change_options.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/exit_code.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

struct Pair {
  std::string left;
  std::string right;
};

// Both sides of the first `separator`; the left one must be there.
absl::StatusOr<Pair> SplitLoosely(const std::string& flag, const std::string& text,
                                  char separator) {
  const size_t at = text.find(separator);
  if (at == 0 || at == std::string::npos) {
    return UsageError(
        absl::StrCat("--", flag, " ", text, ": expected NODE", std::string(1, separator), "..."));
  }
  return Pair{text.substr(0, at), text.substr(at + 1)};
}

// Both must be there.
absl::StatusOr<Pair> Split(const std::string& flag, const std::string& text, char separator) {
  QC_ASSIGN_OR_RETURN(Pair pair, SplitLoosely(flag, text, separator));
  if (!pair.right.empty()) return pair;
  return UsageError(absl::StrCat("--", flag, " ", text, ": nothing stands behind the ",
                                 std::string(1, separator)));
}

void AppendFlags(const std::string& flag, const std::vector<std::string>& values,
                 std::string& out) {
  for (const std::string& value : values) absl::StrAppend(&out, " --", flag, " ", value);
}

absl::Status ParseWeight(const std::string& text, v1::SetWeight& out) {
  QC_ASSIGN_OR_RETURN(const Pair pair, Split("set-weight", text, '='));
  uint32_t weight = 0;
  if (!absl::SimpleAtoi(pair.right, &weight) || weight > limits::kNodeWeightMax) {
    return UsageError(absl::StrCat(
        "--set-weight ", text, ": the weight must be a number from 1 to ", limits::kNodeWeightMax));
  }
  if (weight == 0) {
    return UsageError(absl::StrCat("--set-weight ", text,
                                   ": to take all partitions away from a node, use --drain ",
                                   pair.left, "; a weight is 1 to ", limits::kNodeWeightMax));
  }
  out.set_node_id(pair.left);
  out.set_weight(weight);
  return absl::OkStatus();
}

}  // namespace

void NodeFlags::AddTo(const std::string& address_flag, std::string without,
                      runtime::Options& options) {
  options.AddString(address_flag, &address,
                    {.help = "Address of the gRPC door of a storage node that runs and waits to "
                             "be added; " +
                             without,
                     .value_name = "HOST:PORT"});
  options.AddString("zone", &zone, {.help = "What it fails together with: a rack, a building."});
  options.AddString("id", &id, {.help = "The node's id; checked against what it calls itself."});
  options.AddInteger("weight", &weight, 0u, limits::kNodeWeightMax,
                     {.help = "Its share of the partitions is in proportion to this; 0: the usual "
                              "one, 100."});
}

void NodeFlags::Fill(v1::AddNode& node) const {
  node.set_address(address);
  node.set_zone(zone);
  node.set_id(id);
  node.set_weight(weight);
}

std::string NodeFlags::Text(const std::string& address_flag) const {
  std::string out;
  if (!address.empty()) absl::StrAppend(&out, " --", address_flag, " ", address);
  if (!zone.empty()) absl::StrAppend(&out, " --zone ", zone);
  if (!id.empty()) absl::StrAppend(&out, " --id ", id);
  if (weight != 0) absl::StrAppend(&out, " --weight ", weight);
  return out;
}

void ChangeFlags::AddTo(runtime::Options& options) {
  options.AddList("add", &add,
                  {.help = "Add the storage node that waits at this address.",
                   .value_name = "HOST:PORT[@ZONE]"});
  options.AddList("drain", &drain,
                  {.help = "Move all partitions away from a node, and keep it in the map.",
                   .value_name = "NODE"});
  options.AddList("remove", &remove,
                  {.help = "Move all partitions away from a node, then take it out of the map.",
                   .value_name = "NODE"});
  options.AddList("replace", &replace,
                  {.help = "Copy a dead node's partitions to the node that waits at an address.",
                   .value_name = "NODE=HOST:PORT"});
  options.AddList(
      "set-weight", &weights,
      {.help = "Change a node's share of the partitions.", .value_name = "NODE=WEIGHT"});
  options.AddList("set-zone", &zones,
                  {.help = "Say that a node stands somewhere else; an empty zone: nowhere special.",
                   .value_name = "NODE=ZONE"});
}

absl::StatusOr<v1::Change> ChangeFlags::Parse() const {
  if (Text().empty()) {
    return UsageError(
        "the change says nothing: name at least one of --add, --drain, --remove, --replace, "
        "--set-weight and --set-zone (`qcctl help cluster plan`)");
  }
  v1::Change change;
  for (const std::string& text : add) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('@', 1));
    v1::AddNode& node = *change.add_add();
    node.set_address(parts.first);
    node.set_zone(parts.second);
  }
  for (const std::string& id : drain) change.add_drain(id);
  for (const std::string& id : remove) change.add_remove(id);
  for (const std::string& text : replace) {
    QC_ASSIGN_OR_RETURN(const Pair pair, Split("replace", text, '='));
    v1::ReplaceNode& one = *change.add_replace();
    one.set_dead_id(pair.left);
    one.mutable_with()->set_address(pair.right);
  }
  for (const std::string& text : weights) {
    QC_RETURN_IF_ERROR(ParseWeight(text, *change.add_set_weight()));
  }
  for (const std::string& text : zones) {
    QC_ASSIGN_OR_RETURN(const Pair pair, SplitLoosely("set-zone", text, '='));
    v1::SetZone& one = *change.add_set_zone();
    one.set_node_id(pair.left);
    one.set_zone(pair.right);
  }
  return change;
}

std::string ChangeFlags::Text() const {
  std::string out;
  AppendFlags("add", add, out);
  AppendFlags("drain", drain, out);
  AppendFlags("remove", remove, out);
  AppendFlags("replace", replace, out);
  AppendFlags("set-weight", weights, out);
  AppendFlags("set-zone", zones, out);
  return out;
}

}  // namespace quorumcache::cli
