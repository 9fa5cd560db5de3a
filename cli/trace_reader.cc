// SPDX-License-Identifier: Apache-2.0
#include "cli/trace_reader.h"

#include <lzma.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace quorumcache::cli {
namespace {

// Small: 4 KiB of xz yield some 30 MB at worst.
constexpr size_t kChunkBytes = 4 * 1024;
constexpr size_t kIdBytes = 4;
// The largest dictionary of xz -9 is 64 MiB.
constexpr uint64_t kDecompressorBytesMax = uint64_t{128} << 20;
// The .xz file format, 2.1.1.1.
constexpr absl::string_view kXzMagic(
    "\xFD"
    "7zXZ\0",
    6);

}  // namespace

// liblzma's streaming decoder; files of several streams (xz -c a b) are read to the end.
class TraceReader::Decompressor {
 public:
  Decompressor() {
    ok_ = lzma_stream_decoder(&stream_, kDecompressorBytesMax, LZMA_CONCATENATED) == LZMA_OK;
  }
  ~Decompressor() { lzma_end(&stream_); }

  // Appends what `in` yields to `out`. `last`: there is no more input.
  absl::Status Run(const std::string& in, bool last, std::string& out) {
    if (!ok_) return absl::ResourceExhaustedError("cannot start the xz decompressor");
    stream_.next_in = reinterpret_cast<const uint8_t*>(in.data());
    stream_.avail_in = in.size();
    do {
      const size_t before = out.size();
      out.resize(before + kChunkBytes);
      stream_.next_out = reinterpret_cast<uint8_t*>(out.data() + before);
      stream_.avail_out = kChunkBytes;
      const lzma_ret result = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
      out.resize(out.size() - stream_.avail_out);
      if (result == LZMA_STREAM_END) return absl::OkStatus();
      if (result != LZMA_OK) {
        return absl::DataLossError(
            absl::StrCat("not a sound xz file (liblzma error ", static_cast<int>(result), ")"));
      }
    } while (stream_.avail_in > 0 || stream_.avail_out == 0 || last);
    return absl::OkStatus();
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ok_ = false;
};

TraceReader::TraceReader(std::ifstream file, uint64_t file_size)
    : file_(std::move(file)), file_size_(file_size) {}

TraceReader::~TraceReader() = default;

absl::StatusOr<std::unique_ptr<TraceReader>> TraceReader::Open(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open ", path));
  const auto size = static_cast<uint64_t>(file.tellg());
  file.seekg(0);
  std::string magic(kXzMagic.size(), '\0');
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  const bool compressed = file && magic == kXzMagic;
  file.clear();
  file.seekg(0);
  auto reader = std::unique_ptr<TraceReader>(new TraceReader(std::move(file), size));
  if (compressed) reader->decompressor_ = std::make_unique<Decompressor>();
  return reader;
}

absl::Status TraceReader::Refill() {
  decoded_.erase(0, position_);
  position_ = 0;
  // A chunk of xz may yield nothing yet.
  while (decoded_.size() < kIdBytes && file_) {
    encoded_.resize(kChunkBytes);
    file_.read(encoded_.data(), kChunkBytes);
    encoded_.resize(static_cast<size_t>(file_.gcount()));
    file_read_ += encoded_.size();
    if (decompressor_ == nullptr) {
      decoded_.append(encoded_);
    } else {
      QC_RETURN_IF_ERROR(decompressor_->Run(encoded_, !file_, decoded_));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<uint32_t>> TraceReader::Next() {
  if (decoded_.size() - position_ < kIdBytes) {
    QC_RETURN_IF_ERROR(Refill());
    if (decoded_.empty()) return std::optional<uint32_t>();
    if (decoded_.size() < kIdBytes) {
      return absl::DataLossError("the trace ends in the middle of an id");
    }
  }
  uint32_t id = 0;
  for (size_t i = 0; i < kIdBytes; ++i) {
    id = id << 8 | static_cast<unsigned char>(decoded_[position_ + i]);
  }
  position_ += kIdBytes;
  return std::optional<uint32_t>(id);
}

double TraceReader::Progress() const {
  return file_size_ == 0 ? 1 : static_cast<double>(file_read_) / static_cast<double>(file_size_);
}

}  // namespace quorumcache::cli
