// SPDX-License-Identifier: Apache-2.0
#include "cli/change_output.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/json_text.h"
#include "cli/progress.h"

namespace quorumcache::cli {
namespace {

absl::string_view StateText(v1::RebalanceState state) {
  switch (state) {
    case v1::REBALANCE_STATE_RUNNING:
      return "running";
    case v1::REBALANCE_STATE_ABORTING:
      return "aborting";
    case v1::REBALANCE_STATE_IDLE:
      return "idle";
    default:
      return "unknown";
  }
}

std::string ThrottleText(const v1::Rebalance& rebalance) {
  // Joiners say it, and none has been asked yet.
  if (rebalance.replicas_moving() == 0) return "not known yet";
  if (rebalance.bytes_per_second_max() == 0) return "none";
  return absl::StrCat(BytesText(rebalance.bytes_per_second_max()), "/s a node");
}

// A coordinator counts from when it was first asked.
std::string CopiedText(const v1::Rebalance& rebalance) {
  if (rebalance.bytes_moved() == 0 && rebalance.bytes_per_second() == 0) return "";
  return absl::StrCat(", ", BytesText(rebalance.bytes_moved()), " copied, ",
                      BytesText(rebalance.bytes_per_second()), "/s");
}

std::string TimeLeftText(const v1::Rebalance& rebalance) {
  if (!rebalance.has_time_left()) return "not known yet";
  return absl::FormatDuration(absl::Seconds(rebalance.time_left().seconds()));
}

std::string PlanJson(const v1::PlanChangeResponse& plan, absl::string_view commit_line) {
  std::vector<std::string> nodes;
  for (const v1::NodeShare& node : plan.nodes()) {
    JsonObject object;
    nodes.push_back(object.AddText("id", node.id())
                        .AddText("address", node.address())
                        .AddText("zone", node.zone())
                        .AddUnsigned("replicas_before", node.replicas_before())
                        .AddUnsigned("replicas_after", node.replicas_after())
                        .AddUnsigned("replicas_gained", node.replicas_gained())
                        .AddBool("is_new", node.is_new())
                        .AddBool("is_removed", node.is_removed())
                        .Text());
  }
  JsonObject object;
  return object.AddUnsigned("epoch", plan.epoch())
             .AddJson("nodes", JsonArray(nodes))
             .AddUnsigned("replicas_to_move", plan.replicas_to_move())
             .AddUnsigned("bytes_to_move", plan.bytes_to_move())
             .AddBool("bytes_are_known", plan.bytes_are_known())
             .AddText("commit", commit_line)
             .Text() +
         "\n";
}

std::string RebalanceJson(const v1::Rebalance& rebalance) {
  std::vector<std::string> transfers;
  for (const v1::Transfer& one : rebalance.transfers()) {
    JsonObject object;
    transfers.push_back(object.AddUnsigned("partition", one.partition())
                            .AddText("from", one.from())
                            .AddText("to", one.to())
                            .AddUnsigned("bytes", one.bytes())
                            .AddUnsigned("records", one.records())
                            .Text());
  }
  JsonObject object;
  object.AddText("state", StateText(rebalance.state()))
      .AddUnsigned("epoch", rebalance.epoch())
      .AddText("description", Printable(rebalance.description()))
      .AddUnsigned("replicas_total", rebalance.replicas_total())
      .AddUnsigned("replicas_done", rebalance.replicas_done())
      .AddUnsigned("replicas_moving", rebalance.replicas_moving())
      .AddUnsigned("bytes_moved", rebalance.bytes_moved())
      .AddUnsigned("bytes_per_second", rebalance.bytes_per_second())
      .AddUnsigned("bytes_per_second_max", rebalance.bytes_per_second_max())
      .AddText("driver", rebalance.driver())
      .AddText("problem", Printable(rebalance.problem()))
      .AddJson("transfers", JsonArray(transfers));
  if (rebalance.has_time_left()) {
    object.AddInteger("seconds_left", rebalance.time_left().seconds());
  }
  if (rebalance.change_epoch() != 0) object.AddUnsigned("change_epoch", rebalance.change_epoch());
  if (rebalance.has_last_ended()) {
    JsonObject ended;
    object.AddJson("last_ended",
                   ended.AddUnsigned("change_epoch", rebalance.last_ended().change_epoch())
                       .AddText("description", Printable(rebalance.last_ended().description()))
                       .AddBool("was_aborted", rebalance.last_ended().was_aborted())
                       .Text());
  }
  return object.Text() + "\n";
}

// Who comes late wants to know it, too.
std::string LastEndedText(const v1::Rebalance& rebalance) {
  if (!rebalance.has_last_ended()) return "";
  return absl::StrCat("last change ", Printable(rebalance.last_ended().description()),
                      rebalance.last_ended().was_aborted() ? ": aborted" : ": done", "\n");
}

std::string TransferTable(const v1::Rebalance& rebalance) {
  if (rebalance.transfers().empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const v1::Transfer& one : rebalance.transfers()) {
    rows.push_back({absl::StrCat(one.partition()), one.from().empty() ? "others" : one.from(),
                    one.to(), absl::StrCat(one.records()), BytesText(one.bytes())});
  }
  return absl::StrCat("\n", FormatTable({"PARTITION", "FROM", "TO", "RECORDS", "BYTES"}, rows));
}

std::string BytesToMoveText(const v1::PlanChangeResponse& plan) {
  if (plan.bytes_are_known()) return absl::StrCat("about ", BytesText(plan.bytes_to_move()));
  if (plan.bytes_to_move() == 0)
    return "how many bytes is not known: no node that has them answers";
  return absl::StrCat("at least ", BytesText(plan.bytes_to_move()),
                      " (of some, no node that has them answers)");
}

std::string ShareNote(const v1::NodeShare& node) {
  if (node.is_new()) return "joins";
  return node.is_removed() ? "leaves" : "";
}

}  // namespace

std::string BytesText(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

std::string FormatPlan(OutputForm form, const v1::PlanChangeResponse& plan,
                       absl::string_view commit_line) {
  if (form == OutputForm::kJson) return PlanJson(plan, commit_line);
  if (form == OutputForm::kValue) return absl::StrCat(plan.epoch(), "\n");
  std::vector<std::vector<std::string>> rows;
  for (const v1::NodeShare& node : plan.nodes()) {
    rows.push_back({node.id(), node.address(), node.zone().empty() ? "-" : node.zone(),
                    absl::StrCat(node.replicas_before()), absl::StrCat(node.replicas_after()),
                    absl::StrCat(node.replicas_gained()), ShareNote(node)});
  }
  std::string out = FormatTable({"NODE", "ADDRESS", "ZONE", "BEFORE", "AFTER", "COPIES", ""}, rows);
  absl::StrAppend(&out, "\nto move     ", plan.replicas_to_move(), " replicas of partitions, ",
                  BytesToMoveText(plan), "\nfrom epoch  ", plan.epoch(), "\n");
  if (!commit_line.empty()) {
    absl::StrAppend(&out, "\nnothing has been changed; to begin:\n  ", commit_line, "\n");
  }
  return out;
}

double RebalanceFraction(const v1::Rebalance& rebalance) {
  if (rebalance.replicas_total() == 0) return 1;
  return static_cast<double>(rebalance.replicas_done()) / rebalance.replicas_total();
}

std::string RebalanceDetail(const v1::Rebalance& rebalance) {
  std::string text = absl::StrCat(rebalance.replicas_done(), " of ", rebalance.replicas_total(),
                                  " replicas, ", rebalance.replicas_moving(), " moving, ",
                                  BytesText(rebalance.bytes_per_second()), "/s");
  if (rebalance.has_time_left()) absl::StrAppend(&text, ", ", TimeLeftText(rebalance), " left");
  if (!rebalance.problem().empty()) absl::StrAppend(&text, "; ", Printable(rebalance.problem()));
  return text;
}

std::string FormatRebalance(OutputForm form, const v1::Rebalance& rebalance) {
  if (form == OutputForm::kJson) return RebalanceJson(rebalance);
  if (form == OutputForm::kValue) return absl::StrCat(StateText(rebalance.state()), "\n");
  std::string out = absl::StrCat("state       ", StateText(rebalance.state()), "\nepoch       ",
                                 rebalance.epoch(), "\n");
  if (rebalance.state() == v1::REBALANCE_STATE_IDLE) return out + LastEndedText(rebalance);
  absl::StrAppend(
      &out, "change      ", Printable(rebalance.description()), "\nprogress    ",
      ProgressBar(
          RebalanceFraction(rebalance),
          absl::StrCat(rebalance.replicas_done(), " of ", rebalance.replicas_total(), " replicas")),
      "\nmoving      ", rebalance.replicas_moving(), " now", CopiedText(rebalance),
      "\nthrottle    ", ThrottleText(rebalance), "\ntime left   ", TimeLeftText(rebalance),
      "\ndriver      ", rebalance.driver().empty() ? "none yet" : rebalance.driver(), "\n");
  if (!rebalance.problem().empty()) {
    absl::StrAppend(&out, "problem     ", Printable(rebalance.problem()), "\n");
  }
  return out + TransferTable(rebalance);
}

}  // namespace quorumcache::cli
