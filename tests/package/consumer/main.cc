// SPDX-License-Identifier: Apache-2.0
// A user of the installed client library. There is no cluster here: the port is reserved and
// nothing listens, so what a caller must be told is that the write was not applied.
#include "client/client.h"

#include <cstdio>

int main() {
  quorumcache::client::Client client(
      {.endpoints = {"127.0.0.1:1"}, .timeout = absl::Milliseconds(300)});

  const absl::Status stored = client.Put("greeting", "hello");

  if (stored.ok()) return 1;
  const quorumcache::client::Error error = quorumcache::client::ErrorOf(stored);
  std::printf("%s %s\n", error.reason.c_str(),
              std::string(quorumcache::client::OutcomeText(error.outcome)).c_str());
  return error.outcome == quorumcache::client::Outcome::kNotApplied ? 0 : 1;
}
