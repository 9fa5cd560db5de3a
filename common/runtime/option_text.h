// SPDX-License-Identifier: Apache-2.0
// The values of options as text: how they are typed, and how they are printed so that they can be
// read back.
//
// All errors are INVALID_ARGUMENT and say what was typed and what is expected. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace quorumcache::runtime {

absl::StatusOr<int64_t> ParseInteger(absl::string_view text);
// Finite.
absl::StatusOr<double> ParseDouble(absl::string_view text);
// true, false, yes, no, on, off, 1, 0.
absl::StatusOr<bool> ParseBool(absl::string_view text);
// "1h30m", "250ms", "0"; a number alone is refused, because nobody can tell its unit.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);
// "64MiB", "10kB", "512": B kB MB GB TB are powers of 1000, KiB MiB GiB TiB of 1024, without a unit
// bytes.
absl::StatusOr<uint64_t> ParseByteSize(absl::string_view text);

// Each reads back as the same value.
std::string FormatDouble(double value);
std::string FormatByteSize(uint64_t bytes);

}  // namespace quorumcache::runtime
