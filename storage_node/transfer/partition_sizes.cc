// SPDX-License-Identifier: Apache-2.0
#include "storage_node/transfer/partition_sizes.h"

#include <algorithm>

#include "storage_node/engine/bytes.h"
#include "storage_node/engine/key_codec.h"

namespace quorumcache::transfer {
namespace {

// Sizes and promise of a row of a page (replica/transfer_page.h).
constexpr size_t kRowOverheadBytes = 2 + 4 + engine::kBallotSizeBytes;
// The rest of a page. Every copy has one, that of an empty partition, too; more hold so many rows
// that they do not matter.
constexpr uint64_t kPageOverheadBytes = 66;
// Looked at on one node for one answer: a tenth of a second of reading. More partitions, fewer
// rows of each: their errors cancel out.
constexpr uint32_t kRowsTotal = 65'536;
constexpr uint32_t kRowsMin = 16;
constexpr uint32_t kRowsMax = 256;
// A row takes about a microsecond to step over, and an iterator as long as ten rows.
constexpr uint32_t kSliceRows = 1'000;
constexpr uint32_t kIteratorRows = 10;

uint64_t Extrapolate(uint64_t bytes, hash::Token boundary, const hash::TokenRange& range) {
  const double span = static_cast<double>(range.last - range.first) + 1;
  const double fraction = (static_cast<double>(boundary - range.first) + 1) / span;
  // Bytes of forged keys, all with low tokens, must not overflow.
  return static_cast<uint64_t>(std::min(static_cast<double>(bytes) / fraction, 1e18));
}

uint32_t RowsEach(const replica::PartitionTable& partitions) {
  uint32_t held = 0;
  for (uint32_t i = 0; i < partitions.size(); ++i) held += partitions.HasWholeCopy(i);
  return std::clamp(kRowsTotal / std::max(held, 1u), kRowsMin, kRowsMax);
}

}  // namespace

SizeSample SamplePartition(engine::Engine& engine, uint32_t partition, uint32_t partition_count,
                           const SampleLimits& limits) {
  const engine::PartitionBounds bounds = engine::BoundsOf(partition, partition_count);
  const auto rows = engine.NewIterator(engine::Family::kRecords, {bounds.begin, bounds.end});
  SizeSample sample;
  // The row behind the last that counts is the boundary; the first always counts.
  for (; rows->Valid(); rows->Next()) {
    if (sample.rows > 0 && (sample.rows >= limits.rows_max || sample.bytes >= limits.bytes_max)) {
      sample.bytes = Extrapolate(sample.bytes, engine::LoadBigEndian64(rows->key().data()),
                                 hash::RangeOf(partition, partition_count));
      return sample;
    }
    sample.bytes += rows->key().size() + rows->value().size() + kRowOverheadBytes;
    ++sample.rows;
  }
  sample.is_whole = true;
  return sample;
}

bool AppendSizes(engine::Engine& engine, const replica::PartitionTable& partitions,
                 std::vector<uint64_t>* sizes) {
  const SampleLimits limits{.rows_max = RowsEach(partitions)};
  uint32_t looked_at = 0;
  while (sizes->size() < partitions.size()) {
    if (looked_at >= kSliceRows) return false;
    const auto partition = static_cast<uint32_t>(sizes->size());
    SizeSample sample;
    if (partitions.HasWholeCopy(partition)) {
      sample = SamplePartition(engine, partition, partitions.size(), limits);
      sample.bytes += kPageOverheadBytes;
      looked_at += sample.rows + kIteratorRows;
    }
    sizes->push_back(sample.bytes);
  }
  return true;
}

}  // namespace quorumcache::transfer
