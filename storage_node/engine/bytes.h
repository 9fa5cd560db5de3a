// SPDX-License-Identifier: Apache-2.0
// Fixed-width integers in byte strings: big-endian in keys, where byte order must be number order;
// little-endian in values.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "common/model/ballot.h"

namespace quorumcache::engine {

static_assert(std::endian::native == std::endian::little, "the value formats are little-endian");

inline constexpr size_t kBallotSizeBytes = 20;

template <typename T>
void AppendLittleEndian(T number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

template <typename T>
T LoadLittleEndian(const char* data) {
  T number;
  std::memcpy(&number, data, sizeof(number));
  return number;
}

inline void AppendBigEndian64(uint64_t number, std::string* out) {
  AppendLittleEndian(__builtin_bswap64(number), out);
}
inline uint64_t LoadBigEndian64(const char* data) {
  return __builtin_bswap64(LoadLittleEndian<uint64_t>(data));
}

// epoch (4), hlc (8), proposer (8).
inline void AppendBallot(const model::Ballot& ballot, std::string* out) {
  AppendLittleEndian(ballot.epoch, out);
  AppendLittleEndian(ballot.hlc, out);
  AppendLittleEndian(ballot.proposer, out);
}
inline model::Ballot LoadBallot(const char* data) {
  return model::Ballot{LoadLittleEndian<uint32_t>(data), LoadLittleEndian<uint64_t>(data + 4),
                       LoadLittleEndian<uint64_t>(data + 12)};
}

// Takes values off the front of `bytes`, and says at the end whether there were enough.
// Thread-compatible.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : rest_(bytes) {}

  // 0, respectively empty, once the bytes have run out.
  template <typename T>
  T Take() {
    if (!Has(sizeof(T))) return T{};
    const T number = LoadLittleEndian<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return number;
  }
  model::Ballot TakeBallot() {
    if (!Has(kBallotSizeBytes)) return {};
    const model::Ballot ballot = LoadBallot(rest_.data());
    rest_.remove_prefix(kBallotSizeBytes);
    return ballot;
  }
  absl::string_view TakeBytes(size_t size) {
    if (!Has(size)) return {};
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  absl::string_view rest() const { return rest_; }
  // Every Take so far was satisfied.
  bool ok() const { return ok_; }

 private:
  bool Has(size_t size) {
    ok_ = ok_ && rest_.size() >= size;
    return ok_;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace quorumcache::engine
