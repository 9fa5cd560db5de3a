// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/slow_operation.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/hash/token.h"

namespace quorumcache::service {
namespace {

void DescribeKey(const model::Key& key, SlowOperation& slow) {
  slow.namespace_name = key.namespace_name;
  slow.key = model::AbbreviatedKey(key.bytes);
  slow.token = hash::TokenOf(key.namespace_name, key.bytes);
}

void DescribeError(const CacheError& error, SlowOperation& slow) {
  slow.reason = error.reason;
  slow.outcome_unknown = error.outcome_unknown;
}

std::string UuidText(const model::RequestId& id) {
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", id.high >> 32, id.high >> 16 & 0xffff,
                         id.high & 0xffff, id.low >> 48, id.low & 0xffffffffffff);
}

// Only the operation knows what was asked of whom.
void DescribeRounds(const OpRunner::Job& job, const ReplicaTransport& transport,
                    SlowOperation& slow) {
  const quorum::Operation& operation = *job.operation;
  slow.rounds = operation.rounds();
  const quorum::ReplicaMask awaited = operation.awaited();
  for (size_t i = 0; i < job.links.size(); ++i) {
    if (!(awaited & quorum::Bit(static_cast<quorum::ReplicaIndex>(i)))) continue;
    slow.awaited_nodes.push_back(transport.NodeIdOf(job.links[i]));
  }
  if (slow.request_id.empty() && operation.request_id()) {
    slow.request_id = UuidText(*operation.request_id());
  }
}

}  // namespace

absl::string_view OperationName(OperationKind kind) {
  static constexpr const char* kNames[kOperationKindCount] = {
      "get", "set", "delete", "touch", "increment", "compare_and_set"};
  return kNames[static_cast<size_t>(kind)];
}

SlowOperation DescribeSlow(const OpRunner::Job& job, const model::Key& key,
                           const CacheResponse& response, const base::Now& now,
                           const ReplicaTransport& transport) {
  SlowOperation slow;
  slow.ended_at_ms = now.wall_ms;
  slow.operation = std::string(OperationName(job.kind));
  DescribeKey(key, slow);
  slow.consistency = job.consistency;
  slow.duration = now.monotonic - job.started_at;
  slow.attempts = job.attempts + 1u;
  DescribeError(response.error, slow);
  slow.required = response.required;
  slow.responded = response.responded;
  Caller caller = job.sink->CallerOf(job.cookie);
  slow.peer = std::move(caller.peer);
  slow.request_id = std::move(caller.request_id);
  if (job.operation != nullptr) DescribeRounds(job, transport, slow);
  return slow;
}

SlowOperation DescribeSlowScan(const model::Key& prefix, const ScanPage& page,
                               base::MonotonicTime started_at, const base::Now& now) {
  SlowOperation slow;
  slow.ended_at_ms = now.wall_ms;
  slow.operation = "scan";
  DescribeKey(prefix, slow);
  slow.duration = now.monotonic - started_at;
  DescribeError(page.error, slow);
  return slow;
}

}  // namespace quorumcache::service
