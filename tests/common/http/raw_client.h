// SPDX-License-Identifier: Apache-2.0
// RawClient: a blocking TCP client that sends exactly the bytes it is told to, right or wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace quorumcache::http {

struct RawResponse {
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  // Decoded where it was chunked.
  std::string body;
};

// Every wait ends after ten seconds, so that a server that says nothing fails a test instead of
// hanging it.
class RawClient {
 public:
  // To 127.0.0.1. Fails the test when nobody listens.
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has closed the connection.
  bool Send(absl::string_view bytes);
  // Nothing more will be sent; answers can still be read.
  void ShutdownWrite();

  // The next response, without interim ones (100) unless `keep_interim`; nullopt when the
  // connection ends or nothing comes. `to_head`: the request was a HEAD, so no body follows.
  std::optional<RawResponse> Read(bool to_head = false, bool keep_interim = false);
  // Bytes of the body of a streamed response until they hold `text`; false when they end before.
  bool ReadUntil(absl::string_view text);
  // Only the head of a response, for streams.
  std::optional<RawResponse> ReadHead();
  // True when the server ends the connection, whatever it says before that.
  bool WaitForClose();

  // Send() and Read().
  std::optional<RawResponse> Ask(absl::string_view request);

 private:
  bool Fill();
  std::optional<std::string> TakeLine();
  bool TakeBytes(size_t size, std::string* bytes);
  bool TakeChunks(std::string* body);

  int socket_ = -1;
  std::string buffer_;
};

}  // namespace quorumcache::http
