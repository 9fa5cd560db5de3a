// SPDX-License-Identifier: Apache-2.0
#include "common/hash/xxh64.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/base/check.h"

namespace quorumcache::hash {
namespace {

// The five primes of the specification.
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87ull;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Full;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9ull;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63ull;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5ull;

// The specification reads little-endian words; the memcpy below would read others elsewhere.
static_assert(std::endian::native == std::endian::little);

template <typename Word>
Word Load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

uint64_t Round(uint64_t lane, uint64_t word) {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

// Mixes the last bytes, fewer than one stripe, into `digest`: words, then a half word, then bytes.
uint64_t MixTail(uint64_t digest, absl::string_view tail) {
  for (; tail.size() >= 8; tail.remove_prefix(8)) {
    digest ^= Round(0, Load<uint64_t>(tail.data()));
    digest = std::rotl(digest, 27) * kPrime1 + kPrime4;
  }
  if (tail.size() >= 4) {
    digest ^= Load<uint32_t>(tail.data()) * kPrime1;
    digest = std::rotl(digest, 23) * kPrime2 + kPrime3;
    tail.remove_prefix(4);
  }
  for (const char byte : tail) {
    digest ^= static_cast<uint8_t>(byte) * kPrime5;
    digest = std::rotl(digest, 11) * kPrime1;
  }
  return digest;
}

// Spreads every input bit over the whole digest, so that its highest bits (the partition) are good
// ones.
uint64_t Avalanche(uint64_t digest) {
  digest = (digest ^ (digest >> 33)) * kPrime2;
  digest = (digest ^ (digest >> 29)) * kPrime3;
  return digest ^ (digest >> 32);
}

}  // namespace

std::array<uint64_t, 4> Xxh64::InitialLanes() {
  return {kPrime1 + kPrime2, kPrime2, 0, uint64_t{0} - kPrime1};
}

void Xxh64::MixStripe(const char* stripe) {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i] = Round(lanes_[i], Load<uint64_t>(stripe + 8 * i));
  }
}

void Xxh64::FillPending(absl::string_view& bytes) {
  const size_t filled = pending_size_bytes();
  const size_t taken = std::min(bytes.size(), kStripeSizeBytes - filled);
  // memcpy's pointers must not be null, not even for no bytes.
  if (taken == 0) return;
  std::memcpy(pending_.data() + filled, bytes.data(), taken);
  bytes.remove_prefix(taken);
  size_bytes_ += taken;
  if (pending_size_bytes() == 0) MixStripe(pending_.data());
}

void Xxh64::Update(absl::string_view bytes) {
  if (pending_size_bytes() != 0) FillPending(bytes);
  // Either the pending stripe is complete and mixed, or the input is used up.
  QC_CHECK(bytes.empty() || pending_size_bytes() == 0);
  for (; bytes.size() >= kStripeSizeBytes; bytes.remove_prefix(kStripeSizeBytes)) {
    MixStripe(bytes.data());
    size_bytes_ += kStripeSizeBytes;
  }
  FillPending(bytes);
}

uint64_t Xxh64::JoinLanes() const {
  // Input below one stripe never reached the lanes: the specification starts from seed + prime 5.
  if (size_bytes_ < kStripeSizeBytes) return kPrime5;
  uint64_t digest = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
                    std::rotl(lanes_[3], 18);
  for (const uint64_t lane : lanes_) {
    digest = (digest ^ Round(0, lane)) * kPrime1 + kPrime4;
  }
  return digest;
}

uint64_t Xxh64::Digest() const {
  const absl::string_view tail(pending_.data(), pending_size_bytes());
  return Avalanche(MixTail(JoinLanes() + size_bytes_, tail));
}

}  // namespace quorumcache::hash
