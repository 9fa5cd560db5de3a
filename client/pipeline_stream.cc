// SPDX-License-Identifier: Apache-2.0
#include "client/pipeline_stream.h"

#include <time.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/decode_error.h"
#include "common/base/check.h"

namespace quorumcache::client {
namespace {

int64_t NanosOf(clockid_t id) {
  timespec time;
  QC_CHECK(clock_gettime(id, &time) == 0);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// A receiver that was not told otherwise takes 4 MiB (gRPC's default); the rest is for keys.
constexpr size_t kMessageValueBytesMax = size_t{3} << 20;

// What makes an operation large.
size_t ValueSize(const v1::PipelineOperation& operation) {
  if (operation.has_set()) return operation.set().value().size();
  return operation.has_compare_and_set() ? operation.compare_and_set().value().size() : 0;
}

}  // namespace

base::Now SystemClock::Read() const {
  return {.monotonic = base::MonotonicTime::FromNanos(NanosOf(CLOCK_MONOTONIC)),
          .wall_ms = static_cast<uint64_t>(NanosOf(CLOCK_REALTIME) / 1'000'000)};
}

PipelineStream::PipelineStream(PipelineOptions options, PipelineHandler& handler)
    : options_(std::move(options)),
      handler_(handler),
      endpoints_(options_.endpoints, options_.credentials),
      loop_(std::make_unique<grpc::CompletionQueue>(), clock_),
      random_(static_cast<uint64_t>(NanosOf(CLOCK_REALTIME))) {}

PipelineStream::~PipelineStream() {
  sent_.clear();
  pending_.Clear();
  if (state_ != State::kClosed) {
    context_->TryCancel();
    Break();
  }
  while (state_ != State::kClosed) loop_.RunOnce(base::MonotonicTime::Infinite());
}

v1::PipelineOperation& PipelineStream::Add(uint64_t id) {
  loop_.MarkDirty(*this);
  v1::PipelineOperation& operation = *pending_.add_operations();
  operation.set_id(id);
  return operation;
}

void PipelineStream::Poll(absl::Duration wait) {
  Flush();
  const base::MonotonicTime now = clock_.Read().monotonic;
  base::MonotonicTime until = now + wait;
  if (state_ == State::kClosed && pending_.operations_size() > 0) {
    until = std::min(until, reopen_at_);
  }
  if (!sent_.empty()) until = std::min(until, last_heard_ + options_.stall_timeout);
  loop_.RunOnce(until);
  GiveUpIfStalled();
}

void PipelineStream::Flush() {
  if (pending_.operations_size() == 0) return;
  if (state_ == State::kClosed && clock_.Read().monotonic >= reopen_at_) Open();
  if (state_ != State::kOpen || writing_) return;
  outgoing_.Swap(&pending_);
  pending_.Clear();
  KeepBackWhatIsTooMuch();
  if (sent_.empty()) last_heard_ = clock_.Read().monotonic;
  for (const v1::PipelineOperation& operation : outgoing_.operations()) {
    sent_.insert(operation.id());
  }
  writing_ = true;
  ++messages_sent_;
  stream_->Write(outgoing_, on_written_.tag());
}

void PipelineStream::KeepBackWhatIsTooMuch() {
  auto& operations = *outgoing_.mutable_operations();
  size_t bytes = 0;
  int count = 0;
  // At least one: a value may be larger than that.
  while (count < operations.size()) {
    bytes += ValueSize(operations[count]);
    if (count > 0 && bytes > kMessageValueBytesMax) break;
    ++count;
  }
  for (int i = count; i < operations.size(); ++i) pending_.add_operations()->Swap(&operations[i]);
  operations.DeleteSubrange(count, operations.size() - count);
}

void PipelineStream::Open() {
  state_ = State::kStarting;
  heard_ = false;
  context_ = std::make_unique<grpc::ClientContext>();
  stub_ = v1::CacheService::NewStub(endpoints_.channel(endpoint_));
  stream_ = stub_->PrepareAsyncPipeline(context_.get(), loop_.queue());
  stream_->StartCall(on_started_.tag());
  last_heard_ = clock_.Read().monotonic;
}

void PipelineStream::OnStarted(bool ok) {
  if (state_ != State::kStarting || !ok) {
    state_ = State::kClosing;
    FinishWhenIdle();
    return;
  }
  state_ = State::kOpen;
  reading_ = true;
  stream_->Read(&incoming_, on_read_.tag());
  loop_.MarkDirty(*this);
}

void PipelineStream::OnRead(bool ok) {
  reading_ = false;
  if (!ok || state_ != State::kOpen) {
    Break();
    return;
  }
  heard_ = true;
  backoff_.Reset();
  last_heard_ = loop_.now().monotonic;
  for (v1::PipelineResult& result : *incoming_.mutable_results()) {
    // An id that is not under way would be a coordinator's mistake; nobody waits for it here.
    if (sent_.erase(result.id()) > 0) handler_.OnResult(result);
  }
  reading_ = true;
  stream_->Read(&incoming_, on_read_.tag());
}

void PipelineStream::OnWritten(bool ok) {
  writing_ = false;
  if (!ok || state_ != State::kOpen) {
    Break();
    return;
  }
  loop_.MarkDirty(*this);
}

void PipelineStream::Break() {
  if (state_ == State::kOpen) state_ = State::kClosing;
  FinishWhenIdle();
}

void PipelineStream::FinishWhenIdle() {
  if (state_ != State::kClosing || finishing_ || reading_ || writing_) return;
  finishing_ = true;
  stream_->Finish(&final_status_, on_finished_.tag());
}

void PipelineStream::OnFinished(bool) {
  finishing_ = false;
  state_ = State::kClosed;
  stream_.reset();
  const std::string address = endpoints_.address(endpoint_);
  endpoint_ = (endpoint_ + 1) % endpoints_.size();
  failures_in_row_ = heard_ ? 0 : failures_in_row_ + 1;
  // The next endpoint is tried at once; all of them again only after a pause.
  reopen_at_ = clock_.Read().monotonic;
  if (failures_in_row_ % endpoints_.size() == 0) reopen_at_ = reopen_at_ + backoff_.Next(random_);

  Error error;
  if (!final_status_.ok()) error = DecodeError(final_status_);
  if (error.code == absl::StatusCode::kOk || error.code == absl::StatusCode::kCancelled) {
    error.code = absl::StatusCode::kUnavailable;
  }
  error.message = absl::StrCat("the stream to ", address, " ended: ", error.message);
  error.outcome = Outcome::kUnknown;
  FailSent(error);
  if (failures_in_row_ >= endpoints_.size()) {
    error.reason = "UNREACHABLE";
    error.outcome = Outcome::kNotApplied;
    FailPending(error);
  }
  loop_.MarkDirty(*this);
}

void PipelineStream::FailSent(const Error& error) {
  const absl::flat_hash_set<uint64_t> lost = std::exchange(sent_, {});
  for (uint64_t id : lost) Deliver(id, error);
}

void PipelineStream::FailPending(const Error& error) {
  v1::PipelineRequest unsent;
  unsent.Swap(&pending_);
  for (const v1::PipelineOperation& operation : unsent.operations()) Deliver(operation.id(), error);
}

void PipelineStream::Deliver(uint64_t id, const Error& error) {
  v1::PipelineResult result;
  result.set_id(id);
  *result.mutable_error() = EncodeError(error);
  handler_.OnResult(result);
}

void PipelineStream::GiveUpIfStalled() {
  if (state_ != State::kOpen && state_ != State::kStarting) return;
  if (sent_.empty() && state_ == State::kOpen) return;
  if (clock_.Read().monotonic < last_heard_ + options_.stall_timeout) return;
  context_->TryCancel();
  Break();
}

}  // namespace quorumcache::client
