// SPDX-License-Identifier: Apache-2.0
#include "common/topology_base/map_document.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/hash/crc32c.h"
#include "common/topology_base/map_json.h"

namespace quorumcache::topology_base {
namespace {

constexpr absl::string_view kMagic = "quorumcache-cluster-map";
constexpr uint32_t kFormat = 1;

struct Header {
  uint64_t length_bytes = 0;
  uint32_t crc32c = 0;
};

// The number behind `key=`; false where it is not there or not a number.
bool ParseLength(absl::string_view field, uint64_t& length_bytes) {
  return absl::ConsumePrefix(&field, "length=") && !field.empty() &&
         absl::ascii_isdigit(field.front()) && absl::SimpleAtoi(field, &length_bytes);
}

bool ParseChecksum(absl::string_view field, uint32_t& crc32c) {
  return absl::ConsumePrefix(&field, "crc32c=") && field.size() == 8 &&
         absl::ascii_isxdigit(field.front()) && absl::SimpleHexAtoi(field, &crc32c);
}

absl::StatusOr<Header> ParseHeader(absl::string_view line, absl::string_view place) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
  if (fields.size() < 2 || fields[0] != kMagic) {
    return DamagedMapError(
        place, absl::StrCat("this is no cluster map; it does not begin with \"", kMagic, "\""));
  }
  if (fields[1] != absl::StrCat(kFormat)) {
    return DamagedMapError(
        place, absl::StrCat("its format is \"", fields[1], "\", this program reads ", kFormat,
                            "; a newer version may have written it"));
  }
  Header header;
  if (fields.size() != 4 || !ParseLength(fields[2], header.length_bytes) ||
      !ParseChecksum(fields[3], header.crc32c)) {
    return DamagedMapError(place, "its header line is damaged");
  }
  return header;
}

absl::Status CheckBody(const Header& header, absl::string_view body, absl::string_view place) {
  if (body.size() != header.length_bytes) {
    return DamagedMapError(
        place, absl::StrCat("it is ", body.size() < header.length_bytes ? "cut off" : "too long",
                            ": the header promises ", header.length_bytes,
                            " bytes after it, there are ", body.size()));
  }
  const uint32_t crc32c = hash::Crc32c(body);
  if (crc32c != header.crc32c) {
    return DamagedMapError(place,
                           absl::StrFormat("its checksum is %08x and should be %08x: it was edited "
                                           "by hand, or the disk lost something",
                                           crc32c, header.crc32c));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DamagedMapError(absl::string_view place, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      place, ": ", what,
      ". It is left as it is, and running processes go on with the map they have. A map must not "
      "be "
      "edited by hand: put back a copy as it was written, from a backup, or the last map that a "
      "storage node has seen (`qcctl topology import`)"));
}

std::string EncodeMapDocument(const topology::ClusterMap& map) {
  const std::string body = absl::StrCat(ToJson(map), "\n");
  return absl::StrCat(kMagic, " ", kFormat, " length=", body.size(),
                      " crc32c=", absl::StrFormat("%08x", hash::Crc32c(body)), "\n", body);
}

absl::StatusOr<topology::ClusterMap> DecodeMapDocument(absl::string_view bytes,
                                                       absl::string_view place) {
  if (bytes.empty()) return DamagedMapError(place, "it is empty");
  const size_t newline = bytes.find('\n');
  const absl::string_view line = bytes.substr(0, newline);
  QC_ASSIGN_OR_RETURN(const Header header, ParseHeader(line, place));
  const bool has_body = newline != absl::string_view::npos;
  const absl::string_view body = has_body ? bytes.substr(newline + 1) : absl::string_view();
  QC_RETURN_IF_ERROR(CheckBody(header, body, place));
  absl::StatusOr<topology::ClusterMap> map = FromJson(body);
  // The checksum is right, so this is what somebody wrote: another version, most likely.
  if (!map.ok()) return DamagedMapError(place, map.status().message());
  return map;
}

}  // namespace quorumcache::topology_base
