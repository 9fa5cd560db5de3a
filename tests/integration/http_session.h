// SPDX-License-Identifier: Apache-2.0
// HttpSession: one connection to an HTTP door, kept alive, that never waits beyond a deadline.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/integration/http_client.h"

namespace quorumcache::integration {

// Thread-compatible.
class HttpSession {
 public:
  // HOST:PORT with a numeric host. Connects when it is first used, and again after any error.
  explicit HttpSession(std::string address) : address_(std::move(address)) {}
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // UNAVAILABLE: nothing was sent. DEADLINE_EXCEEDED, ABORTED: it may have been.
  absl::StatusOr<HttpReply> Call(const std::string& method, const std::string& target,
                                 const std::string& body, const HttpHeaders& headers,
                                 absl::Duration timeout);

 private:
  absl::Status Connect(absl::Time deadline);
  absl::Status Send(const std::string& bytes, absl::Time deadline);
  absl::StatusOr<HttpReply> Receive(bool has_no_body, absl::Time deadline);
  bool WaitFor(short events, absl::Time deadline) const;
  // The server has closed it, or has said something that nobody asked for.
  bool IsStale() const;
  void Close();

  const std::string address_;
  int socket_ = -1;
};

}  // namespace quorumcache::integration
