// SPDX-License-Identifier: Apache-2.0
// KeySequence: the keys of one workload, one after another.
//
// All clients work on the same key, so that they contend. Checking a history takes long where many
// operations of one key have no answer, so after so many of those, or of all, the next key is
// begun.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"

namespace quorumcache::histories {

// Thread-safe.
class KeySequence {
 public:
  KeySequence(std::string name, int operations_max, int unknown_max)
      : name_(std::move(name)), operations_max_(operations_max), unknown_max_(unknown_max) {}

  // The key that the next operation goes to.
  std::string Take() {
    base::MutexLock lock(mutex_);
    if (operations_ >= operations_max_ || unknown_ >= unknown_max_) {
      ++count_;
      operations_ = unknown_ = 0;
    }
    ++operations_;
    return Name(count_);
  }

  // Room for one more operation on a key that Take gave; false: it has had its share.
  bool TakeAgain(const std::string& key) {
    base::MutexLock lock(mutex_);
    if (key != Name(count_) || operations_ >= operations_max_) return false;
    ++operations_;
    return true;
  }

  // An operation on `key` ended without an answer.
  void CountUnknown(const std::string& key) {
    base::MutexLock lock(mutex_);
    unknown_ += key == Name(count_);
  }

  std::vector<std::string> All() const {
    base::MutexLock lock(mutex_);
    std::vector<std::string> names;
    for (int i = 0; i <= count_; ++i) names.push_back(Name(i));
    return names;
  }

 private:
  std::string Name(int index) const { return absl::StrCat(name_, "-", index); }

  const std::string name_;
  const int operations_max_;
  const int unknown_max_;
  mutable base::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  int operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int unknown_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quorumcache::histories
