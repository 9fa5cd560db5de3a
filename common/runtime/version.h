// SPDX-License-Identifier: Apache-2.0
// The version of this build, from the top CMakeLists.txt.
#pragma once

#include "absl/strings/string_view.h"

namespace quorumcache::runtime {

// "0.1.0".
absl::string_view Version();

}  // namespace quorumcache::runtime
