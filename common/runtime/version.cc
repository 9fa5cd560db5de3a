// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/version.h"

namespace quorumcache::runtime {

absl::string_view Version() {
  return QC_VERSION_TEXT;
}

}  // namespace quorumcache::runtime
