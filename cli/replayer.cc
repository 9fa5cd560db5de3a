// SPDX-License-Identifier: Apache-2.0
#include "cli/replayer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace quorumcache::cli {

Replayer::Replayer(ReplayOptions options, OperationSink& sink, std::function<int64_t()> now_nanos)
    : options_(std::move(options)), sink_(sink), now_nanos_(std::move(now_nanos)) {}

std::string Replayer::KeyOf(uint32_t object) const {
  return absl::StrCat(options_.key_prefix, object);
}

void Replayer::Access(uint32_t object) {
  QC_CHECK(HasRoom());
  ++pending_;
  ++counts_.accesses;
  Object& state = objects_[object];
  counts_.distinct = objects_.size();
  if (state.busy) {
    ++state.waiting;
    ++counts_.waited;
  } else {
    SendGet(object, state);
  }
}

void Replayer::SendGet(uint32_t object, Object& state) {
  state.busy = true;
  state.sent_nanos = now_nanos_();
  v1::GetRequest& request = *sink_.Add(GetId(object)).mutable_get();
  request.set_namespace_(options_.name_space);
  request.set_key(KeyOf(object));
}

void Replayer::SendSet(uint32_t object, Object& state) {
  state.sent_nanos = now_nanos_();
  v1::SetRequest& request = *sink_.Add(SetId(object)).mutable_set();
  request.set_namespace_(options_.name_space);
  request.set_key(KeyOf(object));
  request.set_value(options_.value(object));
}

void Replayer::Finish(uint32_t object, Object& state) {
  --pending_;
  state.busy = false;
  if (state.waiting == 0) return;
  --state.waiting;
  SendGet(object, state);
}

void Replayer::OnResult(v1::PipelineResult& result) {
  const auto object = static_cast<uint32_t>(result.id() / 2);
  Object& state = objects_.at(object);
  const bool is_set = result.id() % 2 == 1;
  if (result.has_error()) {
    errors_.Add(result.error().code(), result.error().reason());
    Finish(object, state);
    return;
  }
  (is_set ? sets_ : gets_).AddNanos(now_nanos_() - state.sent_nanos);
  if (!is_set && !result.get().found()) {
    ++counts_.misses;
    SendSet(object, state);
    return;
  }
  if (!is_set) ++counts_.hits;
  Finish(object, state);
}

}  // namespace quorumcache::cli
