// SPDX-License-Identifier: Apache-2.0
// How qcctl shows things: tables for people, and the text forms of bytes and times.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace quorumcache::cli {

// -o: for people, for programs, or only the value that was asked for.
enum class OutputForm { kTable, kJson, kValue };

// Columns as wide as their widest cell, two spaces between them, the header in capitals. Cells must
// be printable (Printable).
std::string FormatTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows);

// `bytes` for a terminal: UTF-8 stays, everything else (control characters too) becomes \xNN.
std::string Printable(absl::string_view bytes);

// At most `columns` characters, with "..." where something was cut off.
std::string Shortened(std::string text, size_t columns);

absl::Time ToTime(const google::protobuf::Timestamp& proto);
// RFC 3339 in UTC with milliseconds, such as 2026-01-31T12:00:00.250Z.
std::string TimeText(absl::Time time);

// Writes all of it to standard output (standard error).
void PrintOut(absl::string_view text);
void PrintError(absl::string_view text);
// Whether standard output (standard error) is a terminal.
bool OutIsTerminal();
bool ErrorIsTerminal();

}  // namespace quorumcache::cli
