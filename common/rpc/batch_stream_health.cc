// SPDX-License-Identifier: Apache-2.0
// The half of BatchStreamClient that makes, watches and breaks its connection.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/batch_stream_client.h"

namespace quorumcache::rpc {

void BatchStreamClient::Connect() {
  // A channel of its own for each attempt: nothing of gRPC's reconnect backoff, and no waiting on
  // the TCP connection of a host that has vanished.
  channel_ = MakeChannel(options_.address, options_.channel_arguments, options_.credentials);
  attempt_at_ = Now();
  writing_ = false;
  ping_due_ = false;
  ping_under_way_ = false;
  connection_ = StreamConnection::Start(loop_, channel_, *this);
  pulse_at_ = attempt_at_ + options_.connect_timeout;
  loop_.Arm(pulse_, pulse_at_);
}

void BatchStreamClient::OnConnected() {
  std::string hello;
  wire::AppendHello(wire::Hello{.cluster_id = options_.cluster_id, .sender = options_.sender},
                    &hello);
  writing_ = true;
  connection_->Write(std::move(hello));
  heard_at_ = Now();
}

void BatchStreamClient::OnPulse() {
  if (closed_) return;
  if (connection_ == nullptr) {
    Connect();
  } else if (!up_ && Now() - attempt_at_ >= options_.connect_timeout) {
    Break(
        absl::DeadlineExceededError(absl::StrCat(options_.address, " did not say hello within ",
                                                 absl::FormatDuration(options_.connect_timeout))));
  } else {
    if (up_) CheckLiveness();
    if (connection_ != nullptr) ArmPulse();  // broken just now: armed for the next attempt
  }
}

void BatchStreamClient::ArmPulse() {
  // Six looks within the bound, so that it is overrun by a sixth at most.
  pulse_at_ = Now() + options_.stall_timeout / 6;
  loop_.Arm(pulse_, pulse_at_);
}

void BatchStreamClient::CheckLiveness() {
  if (ping_under_way_) {
    // This process was itself held up: that is not the peer's silence.
    if (Now() - pulse_at_ > options_.stall_timeout / 3) ping_at_ = Now();
    if (Now() - ping_at_ < options_.stall_timeout * 2 / 3) return;
    Break(absl::UnavailableError(absl::StrCat(options_.address, " gave no sign of life for ",
                                              absl::FormatDuration(Now() - heard_at_))));
    return;
  }
  const absl::Duration patience =
      inflight_.size() > 0 ? options_.stall_timeout / 3 : options_.ping_interval;
  if (Now() - heard_at_ < patience) return;
  ping_under_way_ = true;
  ping_due_ = true;
  ping_at_ = Now();
  loop_.MarkDirty(*this);
}

void BatchStreamClient::OnBroken(const absl::Status& status) {
  connection_ = nullptr;  // it deletes itself
  Break(status);
}

void BatchStreamClient::Break(const absl::Status& why) {
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Abandon();
  const bool was_up = std::exchange(up_, false);
  const bool first = !tried();
  last_error_ = why;
  if (!closed_) {
    ++breaks_;
    pulse_at_ = Now() + backoff_.Next(random_);
    loop_.Arm(pulse_, pulse_at_);
  }
  AnswerAll();
  if ((was_up || first) && options_.on_health) options_.on_health(false);
}

void BatchStreamClient::AnswerAll() {
  const uint64_t first_unsent_batch = front_batch_;
  front_batch_ += queue_.size();
  queue_.clear();
  queued_requests_ = 0;
  queued_bytes_ = 0;
  for (const Pending& pending : inflight_.TakeAll()) {
    model::ReplicaReply reply;
    reply.status = pending.batch >= first_unsent_batch ? model::ReplyStatus::kNotSent
                                                       : model::ReplyStatus::kLost;
    reply.message = std::string(last_error_.message());
    pending.handler->OnReply(pending.context, std::move(reply));
  }
}

void BatchStreamClient::Close() {
  if (closed_) return;
  closed_ = true;
  loop_.Cancel(pulse_);
  Break(absl::CancelledError("closed"));
}

}  // namespace quorumcache::rpc
