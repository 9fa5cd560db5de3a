// SPDX-License-Identifier: Apache-2.0
#include "cli/playground_layout.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

// The product's own ports for the first coordinator; the others follow closely.
constexpr uint16_t kCoordinatorGrpc = 7401, kCoordinatorHttp = 7480;
constexpr uint16_t kStorageGrpc = 7420, kStorageHttp = 7440;
// So many members of a kind fit between these.
constexpr size_t kUsualMembersMax = 19;

std::string Address(uint16_t port) {
  return absl::StrCat("127.0.0.1:", port);
}

uint16_t PortOf(const std::string& address) {
  uint32_t port = 0;
  const bool is_number = absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port);
  return is_number && port <= 65535 ? static_cast<uint16_t>(port) : 0;
}

// Deals out ports to new members.
class Allocator {
 public:
  Allocator(const LayoutRequest& request, runtime::PortPicker& ports)
      : request_(request), ports_(ports), next_(request.base_port) {}

  absl::StatusOr<std::string> Take(uint16_t usual, size_t index) {
    if (request_.base_port != 0) {
      if (next_ == 0) return absl::OutOfRangeError("--base-port leaves no room below port 65536");
      return Address(next_++);  // 65535 + 1 wraps to 0
    }
    const auto wanted = static_cast<uint16_t>(usual + index);
    if (request_.usual_ports && index < kUsualMembersMax && ports_.Reserve(wanted)) {
      return Address(wanted);
    }
    QC_ASSIGN_OR_RETURN(const uint16_t port, ports_.Any());
    return Address(port);
  }

 private:
  const LayoutRequest& request_;
  runtime::PortPicker& ports_;
  uint16_t next_;
};

absl::Status Grow(absl::string_view prefix, size_t count, uint16_t usual_grpc, uint16_t usual_http,
                  Allocator& allocator, std::vector<PlaygroundMember>& members) {
  while (members.size() < count) {
    const size_t index = members.size();
    PlaygroundMember member{.name = absl::StrCat(prefix, index + 1)};
    QC_ASSIGN_OR_RETURN(member.grpc, allocator.Take(usual_grpc, index));
    QC_ASSIGN_OR_RETURN(member.http, allocator.Take(usual_http, index));
    members.push_back(std::move(member));
  }
  return absl::OkStatus();
}

absl::Status CheckPort(const PlaygroundMember& member, const std::string& address,
                       const runtime::PortPicker& ports) {
  if (ports.IsFree(PortOf(address))) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      member.name, " should listen on ", address,
      ", but something else does: stop that, or choose another --data-dir (and --base-port)"));
}

}  // namespace

std::string FormatLayout(const PlaygroundLayout& layout) {
  std::string out;
  for (const auto* members : {&layout.coordinators, &layout.storage_nodes}) {
    for (const PlaygroundMember& member : *members) {
      absl::StrAppend(&out, member.name, " ", member.grpc, " ", member.http, "\n");
    }
  }
  return out;
}

absl::StatusOr<PlaygroundLayout> ParseLayout(absl::string_view text) {
  PlaygroundLayout layout;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    const bool well_formed = words.size() == 3 && PortOf(words[1]) != 0 && PortOf(words[2]) != 0 &&
                             words[0].size() > 1 && (words[0][0] == 'c' || words[0][0] == 'n');
    if (!well_formed) {
      return absl::DataLossError(absl::StrCat("\"", line, "\" is not a member of a playground"));
    }
    auto& members = words[0][0] == 'c' ? layout.coordinators : layout.storage_nodes;
    members.push_back({words[0], words[1], words[2]});
  }
  return layout;
}

absl::Status CompleteLayout(const LayoutRequest& request, runtime::PortPicker& ports,
                            PlaygroundLayout& layout) {
  const size_t present = layout.storage_nodes.size();
  if (present != 0 && present != request.storage_node_count) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this cluster was made with ", present, " storage nodes, not ", request.storage_node_count,
        ": ask for as many, or choose another --data-dir"));
  }
  if (layout.coordinators.size() > request.coordinator_count) {
    layout.coordinators.resize(request.coordinator_count);
  }
  for (const auto* members : {&layout.coordinators, &layout.storage_nodes}) {
    for (const PlaygroundMember& member : *members) {
      ports.Exclude(PortOf(member.grpc));
      ports.Exclude(PortOf(member.http));
    }
  }
  Allocator allocator(request, ports);
  QC_RETURN_IF_ERROR(Grow("c", request.coordinator_count, kCoordinatorGrpc, kCoordinatorHttp,
                          allocator, layout.coordinators));
  return Grow("n", request.storage_node_count, kStorageGrpc, kStorageHttp, allocator,
              layout.storage_nodes);
}

absl::Status CheckPortsAreFree(const PlaygroundLayout& layout, const runtime::PortPicker& ports) {
  for (const auto* members : {&layout.coordinators, &layout.storage_nodes}) {
    for (const PlaygroundMember& member : *members) {
      QC_RETURN_IF_ERROR(CheckPort(member, member.grpc, ports));
      QC_RETURN_IF_ERROR(CheckPort(member, member.http, ports));
    }
  }
  return absl::OkStatus();
}

}  // namespace quorumcache::cli
