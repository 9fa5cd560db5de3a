// SPDX-License-Identifier: Apache-2.0
#include "cli/write_options.h"

#include "common/base/limits.h"

namespace quorumcache::cli {

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

void KeyOptions::AddTo(runtime::Options& options) {
  options.AddString("namespace", &name_space, {.help = "Where the key lives.", .short_name = 'n'});
  options.AddChoice("consistency", &consistency, {"default", "one", "quorum", "all"},
                    {.help = "How many replicas must agree; default: what the namespace says.",
                     .value_name = "LEVEL"});
}

v1::Consistency KeyOptions::level() const {
  if (consistency == "one") return v1::CONSISTENCY_ONE;
  if (consistency == "quorum") return v1::CONSISTENCY_QUORUM;
  if (consistency == "all") return v1::CONSISTENCY_ALL;
  return v1::CONSISTENCY_UNSPECIFIED;
}

void WriteOptions::AddTo(runtime::Options& options) {
  options.AddChoice("durability", &durability, {"wal", "fsync"},
                    {.help = "What a replica has done before it says yes: survive kill -9, or "
                             "power loss too.",
                     .value_name = "LEVEL"});
  options.AddString(
      "request-id", &request_id,
      {.help = "A UUID by which a repeated request is recognised.", .value_name = "UUID"});
  options.AddString("first", &first,
                    {.help = "With a repeated --request-id: what came with the unknown outcome.",
                     .value_name = "TOKEN"});
}

v1::Durability WriteOptions::level() const {
  return durability == "fsync" ? v1::DURABILITY_FSYNC : v1::DURABILITY_WAL;
}

void TtlOption::AddTo(runtime::Options& options) {
  options.AddDuration("ttl", &ttl, absl::Nanoseconds(1), absl::Seconds(limits::kTtlSecondsMax),
                      {.help = "Time to live, such as 60s or 24h; not given: for ever."});
}

}  // namespace quorumcache::cli
