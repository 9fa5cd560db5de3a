// SPDX-License-Identifier: Apache-2.0
// The few forms of protobuf's wire format that the replica messages use, for writing.
//
// https://protobuf.dev/programming-guides/encoding: a field is a varint tag (number << 3 | wire
// type) and a varint, 8 little-endian bytes, or a varint length and so many bytes. A message inside
// a message needs its length first, so every Write has a Size that counts exactly the same bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "common/base/check.h"

namespace quorumcache::wire {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

constexpr uint32_t FieldTag(uint32_t field, WireType type) {
  return field << 3 | type;
}

constexpr size_t VarintSize(uint64_t value) {
  return static_cast<size_t>(std::bit_width(value | 1) + 6) / 7;
}

// Sizes of whole fields, for field numbers below 16 (one byte of tag). Zero values are not written,
// as proto3 has it.
constexpr size_t VarintFieldSize(uint64_t value) {
  return value == 0 ? 0 : 1 + VarintSize(value);
}
constexpr size_t Fixed64FieldSize(uint64_t value) {
  return value == 0 ? 0 : 9;
}
constexpr size_t MessageFieldSize(size_t size_bytes) {
  return 1 + VarintSize(size_bytes) + size_bytes;
}
inline size_t BytesFieldSize(absl::string_view bytes) {
  return bytes.empty() ? 0 : MessageFieldSize(bytes.size());
}

// Writes fields behind the end of a string. Thread-compatible.
class ProtoWriter {
 public:
  // Makes room for exactly `size_bytes`, which must all be written before the destructor.
  ProtoWriter(std::string* target, size_t size_bytes) {
    const size_t begin = target->size();
    target->resize(begin + size_bytes);
    next_ = target->data() + begin;
    end_ = next_ + size_bytes;
  }
  ~ProtoWriter() { QC_CHECK(next_ == end_); }
  ProtoWriter(const ProtoWriter&) = delete;
  ProtoWriter& operator=(const ProtoWriter&) = delete;

  void VarintField(uint32_t field, uint64_t value) {
    if (value == 0) return;
    Tag(field, kVarint);
    Varint(value);
  }
  void Fixed64Field(uint32_t field, uint64_t value) {
    if (value == 0) return;
    Tag(field, kFixed64);
    static_assert(std::endian::native == std::endian::little, "fixed64 is little-endian");
    Raw(&value, sizeof(value));
  }
  void BytesField(uint32_t field, absl::string_view bytes) {
    if (bytes.empty()) return;
    BeginMessage(field, bytes.size());
    Raw(bytes.data(), bytes.size());
  }
  // The tag and length of a message whose `size_bytes` bytes the caller writes next.
  void BeginMessage(uint32_t field, size_t size_bytes) {
    Tag(field, kLength);
    Varint(size_bytes);
  }

 private:
  void Tag(uint32_t field, WireType type) { Varint(FieldTag(field, type)); }
  void Varint(uint64_t value) {
    QC_CHECK(VarintSize(value) <= static_cast<size_t>(end_ - next_));
    for (; value >= 0x80; value >>= 7) *next_++ = static_cast<char>(value | 0x80);
    *next_++ = static_cast<char>(value);
  }
  void Raw(const void* bytes, size_t size_bytes) {
    QC_CHECK(size_bytes <= static_cast<size_t>(end_ - next_));
    std::memcpy(next_, bytes, size_bytes);
    next_ += size_bytes;
  }

  char* next_;
  char* end_;
};

// sint64: small negative numbers in few bytes.
constexpr uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace quorumcache::wire
