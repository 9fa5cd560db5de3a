// SPDX-License-Identifier: Apache-2.0
#include "storage_node/disk_metrics.h"

#include <sys/statvfs.h>

#include <utility>

#include "common/metrics/names.h"

namespace quorumcache {
namespace {

// The struct and the function have one name.
using FileSystem = struct statvfs;

// What unprivileged processes may still use, or all there is.
double BytesOf(const std::string& path, fsblkcnt_t FileSystem::*blocks) {
  FileSystem stats;
  if (statvfs(path.c_str(), &stats) != 0) return -1;
  return static_cast<double>(stats.*blocks) * static_cast<double>(stats.f_frsize);
}

}  // namespace

void AddDiskMetrics(std::string data_directory, metrics::Registry& registry) {
  registry.AddGaugeCallback(metrics::storage_node::kDiskFreeBytes, [data_directory] {
    return BytesOf(data_directory, &FileSystem::f_bavail);
  });
  registry.AddGaugeCallback(metrics::storage_node::kDiskSizeBytes,
                            [data_directory = std::move(data_directory)] {
                              return BytesOf(data_directory, &FileSystem::f_blocks);
                            });
}

}  // namespace quorumcache
