// SPDX-License-Identifier: Apache-2.0
// Pipeline: many operations under way at once over one stream. The fast door: what is added between
// two calls of Poll leaves in one message, so an operation costs a tenth of an RPC or less.
//
//   class Printer : public client::PipelineHandler {
//     void OnResult(v1::PipelineResult& result) override { ... result.id() ... }
//   };
//   Printer printer;
//   client::Pipeline pipeline({.endpoints = {"127.0.0.1:7401"}}, printer);
//   for (uint64_t id = 0; id < 1000; ++id) pipeline.Add(id).mutable_get()->set_key(KeyOf(id));
//   while (pipeline.outstanding() > 0) pipeline.Poll(absl::Seconds(1));
//
// Results come in any order; operations on one key that must happen in order are added one after
// the other's result.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "quorumcache/v1/cache.pb.h"

namespace grpc {
class ChannelCredentials;
}  // namespace grpc

namespace quorumcache::client {

struct PipelineOptions {
  // As for ClientOptions. One is used at a time; the next one when its stream breaks.
  std::vector<std::string> endpoints;
  // With operations under way and nothing heard for so long, the stream is given up: its
  // coordinator hangs.
  absl::Duration stall_timeout = absl::Seconds(10);
  // nullptr: not encrypted.
  std::shared_ptr<grpc::ChannelCredentials> credentials = nullptr;
};

class PipelineHandler {
 public:
  // The answer to the operation with this id; may call Add, not Poll. `result` may be moved from.
  //
  // When the stream breaks, operations that were sent fail with UNAVAILABLE and the outcome
  // "unknown"; those not sent yet go out on the next stream, or fail with the reason "UNREACHABLE"
  // and the outcome "not_applied" when no endpoint can be reached.
  virtual void OnResult(v1::PipelineResult& result) = 0;

 protected:
  ~PipelineHandler() = default;
};

// Thread-compatible: one thread adds, polls and handles. No thread of its own.
class Pipeline {
 public:
  // `handler` must outlive the pipeline. Connects when there is something to send.
  Pipeline(PipelineOptions options, PipelineHandler& handler);
  // Drops what is outstanding without calling the handler; writes under way may or may not be
  // applied.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // A new operation, to be filled in before the next Poll. Requires: no outstanding operation has
  // this id.
  v1::PipelineOperation& Add(uint64_t id);

  // Sends what was added, then waits up to `wait` for answers and handles all that are there.
  void Poll(absl::Duration wait);

  // Added and not answered yet.
  size_t outstanding() const;
  // Messages sent so far; operations per message tell how well batching works.
  uint64_t messages_sent() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorumcache::client
