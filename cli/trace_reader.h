// SPDX-License-Identifier: Apache-2.0
// TraceReader: the accesses of a trace in the format of the cache2k benchmarks: 4-byte big-endian
// object ids, one an access, plain or compressed by xz.
//
// The traces that this was written for (orm-busy, web12; headissue GmbH, Jens Wilke; CC BY 4.0)
// have no times, sizes or operations.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quorumcache::cli {

// Reads as it goes, in bounded memory (a decompressor may take 128 MiB). Thread-compatible.
class TraceReader {
 public:
  // Looks at the first bytes to see whether it is xz. NOT_FOUND: cannot be opened.
  static absl::StatusOr<std::unique_ptr<TraceReader>> Open(const std::string& path);
  ~TraceReader();

  // The next object; nullopt at the end. DATA_LOSS: damaged, or cut off in the middle of an id.
  absl::StatusOr<std::optional<uint32_t>> Next();

  // Of the file's bytes, those that have been read; for a progress bar.
  double Progress() const;

 private:
  class Decompressor;
  TraceReader(std::ifstream file, uint64_t file_size);

  // Makes more of `decoded_` available; leaves it empty at the end of the file.
  absl::Status Refill();

  std::ifstream file_;
  const uint64_t file_size_;
  uint64_t file_read_ = 0;
  // nullptr: plain.
  std::unique_ptr<Decompressor> decompressor_;
  std::string encoded_;
  std::string decoded_;
  size_t position_ = 0;
};

}  // namespace quorumcache::cli
