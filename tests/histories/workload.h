// SPDX-License-Identifier: Apache-2.0
// Workload: what clients do, and what must be true of it beside being linearizable.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "tests/histories/client.h"
#include "tests/histories/key_sequence.h"
#include "tests/history/history.h"

namespace quorumcache::histories {

// Thread-safe: all clients of a run share it.
class Workload {
 public:
  Workload(const std::string& name, int operations_max, int unknown_max)
      : name_(name), keys_(name, operations_max, unknown_max) {}
  virtual ~Workload() = default;

  // By one client, before the others begin and anything is broken.
  virtual void Prepare(Client& client, Recorder& recorder);
  // One thing a user does: one operation or a few, recorded by this.
  virtual void Step(Client& client, Recorder& recorder) = 0;
  // Of one key of its own: "" or what is wrong. `last` is the final read, which comes after all
  // faults have healed.
  virtual std::string Check(const history::History& of_key, const Done& last) const;
  // Whether clients get into each other's way: then some of them are told `unknown` on a busy
  // machine, whatever the cluster does (docs/PROTOCOL.md#contention).
  virtual bool IsContended() const { return true; }
  // What a checker must know beside what clients recorded: expiries.
  virtual void AddToHistory(history::History* history) const;

  // Operations that came to an end, one way or another; those that failed; of these, those whose
  // coordinator was gone or asleep, as far as the transport could tell.
  struct Counts {
    std::atomic<uint64_t> operations = 0;
    std::atomic<uint64_t> failed = 0;
    std::atomic<uint64_t> cut_off = 0;
  };
  const Counts& counts() const { return counts_; }
  // What they were told, for people.
  std::vector<std::string> Failures() const {
    base::MutexLock lock(mutex_);
    return failures_;
  }
  const std::string& name() const { return name_; }
  std::vector<std::string> Keys() const { return keys_.All(); }

 protected:
  // Performs and records; tells keys_ where there was no answer.
  Done Perform(Client& client, Recorder& recorder, Ask ask, int64_t if_value = 0);
  KeySequence& keys() { return keys_; }

 private:
  const std::string name_;
  KeySequence keys_;
  Counts counts_;
  mutable base::Mutex mutex_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
};

// Get, Set and Delete, no conditions.
std::unique_ptr<Workload> MakeRegisters();
// Compare-and-set from what was read, if_absent, if_present, conditional deletes.
std::unique_ptr<Workload> MakeCompareAndSets();
// Increments with request ids; the count at the end is that of the acknowledged ones, and of those
// without an answer at most.
std::unique_ptr<Workload> MakeCounters();
// Elements added to a list by compare-and-set: all acknowledged ones are there at the end.
std::unique_ptr<Workload> MakeSets();
// if_absent with a time to live, released by etag: tokens grow, and no two hold it at once.
std::unique_ptr<Workload> MakeLocks();
// Every Set tells what it replaced: no value is replaced twice.
std::unique_ptr<Workload> MakeAppendRegisters();
// Each client has keys of its own.
std::unique_ptr<Workload> MakeLoneKeys();
// Some megabytes of keys that are written once, at the beginning, and then only read.
std::unique_ptr<Workload> MakeStillKeys();

// All of them but the last two.
std::vector<std::unique_ptr<Workload>> AllWorkloads();

}  // namespace quorumcache::histories
