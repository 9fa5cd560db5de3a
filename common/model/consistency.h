// SPDX-License-Identifier: Apache-2.0
// How many replicas must agree before a caller is answered, and what each has done before it says
// yes.
#pragma once

#include <cstdint>

namespace quorumcache::model {

// The numbers of quorumcache.v1.Consistency.
enum class Consistency : uint8_t {
  kUnspecified = 0,  // the namespace's default
  kOne = 1,          // the first answer; may be stale, may be lost with one node
  kQuorum = 2,       // a majority of slots; linearizable per key
  kAll = 3,          // every slot
};

// The numbers of quorumcache.v1.Durability.
enum class Durability : uint8_t {
  kUnspecified = 0,  // kWal
  kWal = 1,          // in the write-ahead log in the page cache: survives kill -9
  kFsync = 2,        // fsynced: survives power loss
};

}  // namespace quorumcache::model
