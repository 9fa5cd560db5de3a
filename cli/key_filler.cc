// SPDX-License-Identifier: Apache-2.0
#include "cli/key_filler.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/key_chooser.h"
#include "cli/progress.h"

namespace quorumcache::cli {
namespace {

// Enough for large batches, too little to fill the cluster's queues.
constexpr size_t kOutstanding = 512;

class Filler final : public LoadHandler {
 public:
  Filler(const DoorOptions& options, uint64_t key_count, size_t key_size)
      : key_count_(key_count), key_size_(key_size), door_(MakePipelineDoor(options, *this)) {}

  absl::Status Run() {
    for (size_t slot = 0; slot < kOutstanding; ++slot) StartNext(slot);
    Progress progress;
    while (error_.ok() && done_ < key_count_) {
      door_->Poll(absl::Seconds(1));
      if (progress.Due(absl::Now())) {
        progress.Update(static_cast<double>(done_) / static_cast<double>(key_count_),
                        absl::StrCat("keys stored: ", done_));
      }
    }
    progress.Finish();
    return error_;
  }

 private:
  void StartNext(size_t slot) {
    if (next_ == key_count_) return;
    operation_.kind = LoadKind::kSet;
    MakeKey(next_++, key_size_, &operation_.key);
    door_->Start(slot, operation_);
  }

  void OnDone(size_t slot, const LoadResult& result) override {
    if (result.code != 0 && error_.ok()) {
      error_ = absl::Status(static_cast<absl::StatusCode>(result.code),
                            absl::StrCat("cannot store the keys: ", result.reason));
    }
    ++done_;
    if (error_.ok()) StartNext(slot);
  }

  const uint64_t key_count_;
  const size_t key_size_;
  uint64_t next_ = 0;
  uint64_t done_ = 0;
  LoadOperation operation_;
  absl::Status error_;
  const std::unique_ptr<LoadDoor> door_;
};

}  // namespace

absl::Status FillKeys(const DoorOptions& options, uint64_t key_count, size_t key_size) {
  return Filler(options, key_count, key_size).Run();
}

}  // namespace quorumcache::cli
