// SPDX-License-Identifier: Apache-2.0
// Reading and replacing whole files, so that a reader sees the old or the new one and never a
// mixture.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace quorumcache::topology_file {

// The directory that `path` is in ("." for a bare name), and its last component.
std::string DirectoryOf(const std::string& path);
std::string NameOf(const std::string& path);

// NOT_FOUND: there is no such file. DATA_LOSS: it is larger than `size_bytes_max`, or no regular
// file. UNAVAILABLE: the system's reason.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t size_bytes_max);

// Writes `path`.tmp, fsyncs it, renames it to `path`, fsyncs the directory: after OK the new bytes
// survive a power cut, and at any time before it `path` is what it was. One writer at a time,
// please: the name of the temporary file is fixed, so that crashes leave one behind at most.
// UNAVAILABLE: the system's reason; when only the last step failed, the message says that the file
// has been replaced.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes);

// What changes with every ReplaceFile, at the price of one stat; "" where there is no file.
std::string FileSignature(const std::string& path);

}  // namespace quorumcache::topology_file
