// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/json_text.h"

namespace quorumcache::cli {
namespace {

// Characters, not bytes: continuation bytes take no column.
size_t Columns(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
               std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? "  " : "", cells[i]);
    if (i + 1 < cells.size()) out.append(widths[i] - Columns(cells[i]), ' ');
  }
  // Empty cells at the end leave no spaces behind.
  while (out.back() == ' ') out.pop_back();
  out.push_back('\n');
}

}  // namespace

std::string FormatTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& cell : header) widths.push_back(Columns(cell));
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  std::string out;
  AppendRow(header, widths, out);
  for (const std::vector<std::string>& row : rows) AppendRow(row, widths, out);
  return out;
}

std::string Printable(absl::string_view bytes) {
  const bool utf8 = IsUtf8(bytes);
  std::string out;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      absl::StrAppendFormat(&out, "\\x%02x", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string Shortened(std::string text, size_t columns) {
  if (Columns(text) <= columns) return text;
  size_t bytes = 0;
  for (size_t seen = 0; bytes < text.size(); ++bytes) {
    if ((static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80 && ++seen > columns - 3) break;
  }
  return text.substr(0, bytes) + "...";
}

absl::Time ToTime(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

void PrintOut(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void PrintError(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool OutIsTerminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool ErrorIsTerminal() {
  return isatty(STDERR_FILENO) == 1;
}

}  // namespace quorumcache::cli
