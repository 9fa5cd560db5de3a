// SPDX-License-Identifier: Apache-2.0
// ValueSource: a value from the command line, a file or standard input, and its media type.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/runtime/options.h"

namespace quorumcache::cli {

class ValueSource {
 public:
  void AddTo(runtime::Options& options);

  // The value is arguments[index], or --file. A UsageError when both or neither is there.
  template <typename Request>
  absl::Status Fill(const std::vector<std::string>& arguments, size_t index,
                    Request& request) const {
    QC_ASSIGN_OR_RETURN(std::string value, Read(arguments, index));
    request.set_value(std::move(value));
    request.set_content_type(content_type_);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::string> Read(const std::vector<std::string>& arguments, size_t index) const;

  std::string file_;
  std::string content_type_;
};

}  // namespace quorumcache::cli
