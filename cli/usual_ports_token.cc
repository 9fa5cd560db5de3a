// SPDX-License-Identifier: Apache-2.0
#include "cli/usual_ports_token.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "absl/strings/string_view.h"
#include "common/base/check.h"

namespace quorumcache::cli {

UsualPortsToken::UsualPortsToken() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  QC_CHECK(socket_ >= 0);
  // An abstract name (it begins with a zero byte): no file, and gone with the process, however that
  // ends.
  constexpr absl::string_view kName("\0quorumcache-playground", 23);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, kName.data(), kName.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kName.size());
  held_ = bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

UsualPortsToken::~UsualPortsToken() {
  close(socket_);
}

}  // namespace quorumcache::cli
