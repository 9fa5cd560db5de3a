// SPDX-License-Identifier: Apache-2.0
#include "storage_node/service/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace quorumcache::node_service {
namespace {

absl::Status SystemError(absl::string_view what, const std::string& path, int error) {
  return absl::InternalError(absl::StrCat("cannot ", what, " ", path, ": ", strerror(error)));
}

// Closes on destruction.
class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status WriteAndSync(const std::string& path, absl::string_view text) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd() < 0) return SystemError("create", path, errno);
  const ssize_t written = write(file.fd(), text.data(), text.size());
  if (written < 0) return SystemError("write", path, errno);
  if (static_cast<size_t>(written) != text.size()) return SystemError("write", path, ENOSPC);
  if (fsync(file.fd()) != 0) return SystemError("fsync", path, errno);
  return absl::OkStatus();
}

// A rename is on the disk once its directory is.
absl::Status SyncDirectory(const std::string& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (directory.fd() < 0) return SystemError("open", path, errno);
  if (fsync(directory.fd()) != 0) return SystemError("fsync", path, errno);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(std::string path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return SystemError("create", path, error.value());
  const std::string lock_path = path + "/lock";
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError("open", lock_path, errno);
  std::unique_ptr<DataDirectory> directory(new DataDirectory(std::move(path), fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError("lock", lock_path, errno);
    return absl::FailedPreconditionError(
        absl::StrCat("the data directory ", directory->path_,
                     " is in use by another process; every storage node needs its own"));
  }
  QC_RETURN_IF_ERROR(directory->ReadIdentity());
  return directory;
}

DataDirectory::~DataDirectory() {
  close(lock_fd_);
}

absl::Status DataDirectory::ReadIdentity() {
  if (!std::filesystem::exists(identity_path())) return absl::OkStatus();
  std::ifstream file(identity_path(), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) return SystemError("read", identity_path(), EIO);
  QC_ASSIGN_OR_RETURN(identity_, ParseIdentity(text.str()));
  return absl::OkStatus();
}

bool DataDirectory::HasData() const {
  std::error_code error;
  const std::filesystem::directory_iterator begin(data_path(), error);
  return !error && begin != std::filesystem::directory_iterator();
}

absl::Status DataDirectory::Store(const Identity& identity) {
  const std::string temporary = identity_path() + ".new";
  QC_RETURN_IF_ERROR(WriteAndSync(temporary, FormatIdentity(identity)));
  if (rename(temporary.c_str(), identity_path().c_str()) != 0) {
    return SystemError("rename", temporary, errno);
  }
  QC_RETURN_IF_ERROR(SyncDirectory(path_));
  identity_ = identity;
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadBootId() {
  constexpr char kPath[] = "/proc/sys/kernel/random/boot_id";
  std::ifstream file(kPath);
  std::string id;
  if (!std::getline(file, id)) return SystemError("read", kPath, EIO);
  return std::string(absl::StripAsciiWhitespace(id));
}

}  // namespace quorumcache::node_service
