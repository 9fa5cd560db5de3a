// SPDX-License-Identifier: Apache-2.0
#include "common/topology_file/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/topology_file/unique_fd.h"

namespace quorumcache::topology_file {
namespace {

// The system's reason for the failure that has just happened.
absl::Status SystemError(absl::string_view doing, absl::string_view path) {
  const int error = errno;
  return absl::UnavailableError(
      absl::StrCat("topology file: cannot ", doing, " ", path, ": ", strerror(error)));
}

// A system call again, when a signal came between.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

absl::Status CheckReadable(const struct stat& info, const std::string& path,
                           size_t size_bytes_max) {
  if (!S_ISREG(info.st_mode)) {
    return absl::DataLossError(
        absl::StrCat("topology file ", path, ": this is a directory or device, not a file"));
  }
  if (static_cast<size_t>(info.st_size) > size_bytes_max) {
    return absl::DataLossError(absl::StrCat("topology file ", path, ": it has ", info.st_size,
                                            " bytes, no cluster map has more than ",
                                            size_bytes_max));
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = Retry([&] { return write(fd, bytes.data(), bytes.size()); });
    if (written < 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteDurably(const std::string& path, absl::string_view bytes) {
  const UniqueFd fd(
      Retry([&] { return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); }));
  if (!fd.ok()) return SystemError("create", path);
  QC_RETURN_IF_ERROR(WriteAll(fd.get(), bytes, path));
  if (fsync(fd.get()) != 0) return SystemError("fsync", path);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const UniqueFd fd(Retry([&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd.ok() || fsync(fd.get()) != 0) return SystemError("fsync the directory", path);
  return absl::OkStatus();
}

}  // namespace

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t size_bytes_max) {
  const UniqueFd fd(Retry([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (!fd.ok() && errno == ENOENT) {
    return absl::NotFoundError(absl::StrCat("topology file ", path,
                                            ": there is no such file; no cluster has been made "
                                            "here, or the path is another one"));
  }
  if (!fd.ok()) return SystemError("open", path);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return SystemError("stat", path);
  QC_RETURN_IF_ERROR(CheckReadable(info, path, size_bytes_max));
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count =
        Retry([&] { return read(fd.get(), bytes.data() + filled, bytes.size() - filled); });
    if (count < 0) return SystemError("read", path);
    // Shorter than it was: somebody cuts it while we read. The caller's checksum says so.
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes) {
  const std::string temporary = path + ".tmp";
  if (const absl::Status written = WriteDurably(temporary, bytes); !written.ok()) {
    unlink(temporary.c_str());
    return written;
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status status = SystemError("rename a new map to", path);
    unlink(temporary.c_str());
    return status;
  }
  if (const absl::Status synced = SyncDirectory(DirectoryOf(path)); !synced.ok()) {
    return absl::UnavailableError(
        absl::StrCat(synced.message(),
                     "; the file has been replaced, but may be the old one after a power cut"));
  }
  return absl::OkStatus();
}

std::string FileSignature(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return "";
  return absl::StrCat(info.st_dev, " ", info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec,
                      " ", info.st_mtim.tv_nsec);
}

}  // namespace quorumcache::topology_file
