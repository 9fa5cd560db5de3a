// SPDX-License-Identifier: Apache-2.0
// The description of the HTTP API, as it is served at /openapi.json.
#pragma once

#include "absl/strings/string_view.h"

namespace quorumcache::gateway {

// The text of openapi.json beside this file, embedded by embed_text.cmake when the library is
// built.
absl::string_view OpenApiDocument();

}  // namespace quorumcache::gateway
