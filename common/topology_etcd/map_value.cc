// SPDX-License-Identifier: Apache-2.0
#include "common/topology_etcd/map_value.h"

#include <lzma.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/status_macros.h"
#include "common/topology_base/map_document.h"

namespace quorumcache::topology_etcd {
namespace {

// Below this a person who looks into etcd may as well be able to read it.
constexpr size_t kPlainSizeBytesMax = 16 * 1024;
// A dictionary of 1 MiB: all node names stay within reach, and decoding needs little memory. Higher
// presets win 10 % and take ten times as long.
constexpr uint32_t kPreset = 1;
constexpr uint64_t kDecoderMemoryBytesMax = uint64_t{64} << 20;
// The .xz file format, 2.1.1.1.
constexpr absl::string_view kXzMagic(
    "\xFD"
    "7zXZ\0",
    6);

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string Compress(absl::string_view document) {
  std::string value(lzma_stream_buffer_bound(document.size()), '\0');
  size_t size = 0;
  const lzma_ret result =
      lzma_easy_buffer_encode(kPreset, LZMA_CHECK_CRC32, nullptr, Bytes(document), document.size(),
                              reinterpret_cast<uint8_t*>(value.data()), &size, value.size());
  // The buffer is large enough and the preset exists: only memory can be missing.
  QC_CHECK(result == LZMA_OK);
  value.resize(size);
  return value;
}

lzma_ret TryDecompress(absl::string_view value, std::string& document) {
  uint64_t memory_limit = kDecoderMemoryBytesMax;
  size_t read = 0;
  size_t size = 0;
  const lzma_ret result = lzma_stream_buffer_decode(
      &memory_limit, 0, nullptr, Bytes(value), &read, value.size(),
      reinterpret_cast<uint8_t*>(document.data()), &size, document.size());
  document.resize(size);
  return result == LZMA_OK && read != value.size() ? LZMA_DATA_ERROR : result;
}

// At most as much as a map may have.
absl::StatusOr<std::string> Decompress(absl::string_view value, absl::string_view place) {
  std::string document;
  lzma_ret result = LZMA_BUF_ERROR;
  // BUF_ERROR: it did not fit.
  for (size_t room = size_t{1} << 20;
       room <= limits::kClusterMapSizeBytesMax && result == LZMA_BUF_ERROR; room *= 8) {
    document.resize(room);
    result = TryDecompress(value, document);
  }
  if (result == LZMA_OK) return document;
  return topology_base::DamagedMapError(
      place, absl::StrCat("it is no sound xz data (liblzma error ", static_cast<int>(result), ")"));
}

}  // namespace

absl::StatusOr<std::string> EncodeMapValue(const topology::ClusterMap& map, size_t size_bytes_max) {
  std::string document = topology_base::EncodeMapDocument(map);
  if (document.size() <= kPlainSizeBytesMax) return document;
  std::string value = Compress(document);
  if (value.size() <= size_bytes_max) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("the cluster map takes ", value.size(),
                   " bytes, and etcd takes requests of 1.5 MiB at most: "
                   "use fewer partitions or shorter node ids; nothing was changed"));
}

absl::StatusOr<topology::ClusterMap> DecodeMapValue(absl::string_view value,
                                                    absl::string_view place) {
  if (!absl::StartsWith(value, kXzMagic)) return topology_base::DecodeMapDocument(value, place);
  QC_ASSIGN_OR_RETURN(const std::string document, Decompress(value, place));
  return topology_base::DecodeMapDocument(document, place);
}

}  // namespace quorumcache::topology_etcd
