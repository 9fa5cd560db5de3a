// SPDX-License-Identifier: Apache-2.0
// The answers of commands on keys as text. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/output.h"
#include "quorumcache/v1/cache.pb.h"

namespace quorumcache::cli {

// `terminal`: a value gets a newline at its end, which a file must not get.
// Requires: response.found().
std::string FormatValue(OutputForm form, absl::string_view key, const v1::GetResponse& response,
                        bool terminal);

// Of Set, CompareAndSet and Touch: the new etag, and what it expires at.
std::string FormatWritten(OutputForm form, absl::string_view key, absl::string_view etag,
                          const google::protobuf::Timestamp* expire_time);
std::string FormatDeleted(OutputForm form, absl::string_view key);

// What is left of a life, such as 59.8s; "never".
std::string FormatTtl(OutputForm form, absl::string_view key, const v1::GetResponse& response,
                      absl::Time now);

// One row a key, in the order of `keys`.
std::string FormatMultiGet(OutputForm form, const std::vector<std::string>& keys,
                           const v1::MultiGetResponse& response);
// The first error among the results, else NOT_FOUND naming the keys that were not found, else OK.
absl::Status StatusOfMultiGet(const std::vector<std::string>& keys,
                              const v1::MultiGetResponse& response);

// One line.
std::string FormatScanEntry(OutputForm form, const v1::ScanEntry& entry, bool with_value);

}  // namespace quorumcache::cli
