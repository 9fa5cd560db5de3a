// SPDX-License-Identifier: Apache-2.0
// The counterpart of proto_writer.h. Its input is whatever came over the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "common/wire/proto_writer.h"

namespace quorumcache::wire {

// Walks over the fields of one message:
//   while (reader.Next()) switch (reader.tag()) { case FieldTag(1, kVarint): x = reader.varint();
//   break; } return reader.ok();
// A field is complete after Next, whether the caller looks at it or not, so unknown ones are
// skipped by doing nothing, and so are known ones of another wire type. Borrows the bytes.
// Thread-compatible.
class ProtoReader {
 public:
  explicit ProtoReader(absl::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Reads the next field; false at the end, and for ever after a malformed one.
  bool Next() {
    if (next_ == end_) return false;
    uint64_t tag;
    ok_ = ReadVarint(&tag) && tag >> 3 != 0 && tag <= UINT32_MAX && ReadValue(tag & 7);
    if (!ok_) next_ = end_;
    tag_ = static_cast<uint32_t>(tag);
    return ok_;
  }
  // Nothing malformed so far.
  bool ok() const { return ok_; }

  uint32_t tag() const { return tag_; }
  uint32_t field() const { return tag_ >> 3; }
  // Of a kVarint, kFixed64 or kFixed32 field.
  uint64_t number() const { return number_; }
  // Of a kLength field.
  absl::string_view bytes() const { return bytes_; }
  // What has not been walked over yet.
  absl::string_view rest() const { return {next_, static_cast<size_t>(end_ - next_)}; }

 private:
  bool ReadVarint(uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 70 && next_ != end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*next_++);
      *value |= shift < 64 ? uint64_t{byte & 0x7Fu} << shift : 0;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool ReadFixed(size_t size_bytes) {
    if (static_cast<size_t>(end_ - next_) < size_bytes) return false;
    number_ = 0;
    std::memcpy(&number_, next_, size_bytes);
    next_ += size_bytes;
    return true;
  }
  bool ReadLength() {
    uint64_t size_bytes;
    if (!ReadVarint(&size_bytes) || size_bytes > static_cast<size_t>(end_ - next_)) return false;
    bytes_ = absl::string_view(next_, size_bytes);
    next_ += size_bytes;
    return true;
  }
  // Groups (wire types 3 and 4) were never used by us; they are malformed here.
  bool ReadValue(uint32_t type) {
    if (type == kVarint) return ReadVarint(&number_);
    if (type == kLength) return ReadLength();
    if (type == kFixed64) return ReadFixed(8);
    return type == kFixed32 && ReadFixed(4);
  }

  const char* next_;
  const char* end_;
  bool ok_ = true;
  uint32_t tag_ = 0;
  uint64_t number_ = 0;
  absl::string_view bytes_;
};

}  // namespace quorumcache::wire
