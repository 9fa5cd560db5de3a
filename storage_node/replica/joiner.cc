// SPDX-License-Identifier: Apache-2.0
#include "storage_node/replica/joiner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/probe.h"

namespace quorumcache::replica {

using base::MonotonicTime;

Joiner::Actions Joiner::OnTasks(const std::vector<JoinTask>& tasks, MonotonicTime now) {
  std::map<uint32_t, Stream> streams;
  for (const JoinTask& task : tasks) {
    const auto found = streams_.find(task.partition);
    const bool goes_on = found != streams_.end() && found->second.task.join_id() == task.join_id();
    Stream stream = goes_on ? std::move(found->second) : MakeStream(task, now);
    // The entry may have been raised, or a source have a new address, without a new join.
    if (goes_on) {
      stream.task.epoch = task.epoch;
      stream.task.sources = task.sources;
      stream.source = std::min(stream.source, task.sources.size());
    }
    streams.emplace(task.partition, std::move(stream));
  }
  streams_ = std::move(streams);
  Actions actions;
  Start(now, &actions);
  return actions;
}

Joiner::Stream Joiner::MakeStream(const JoinTask& task, MonotonicTime now) const {
  Stream stream;
  stream.task = task;
  stream.phase = task.complete ? Phase::kDone : Phase::kWaiting;
  stream.backoff = options_.backoff_min;
  stream.not_before = now;
  return stream;
}

const SourceCursor* Joiner::CursorOf(const Stream& stream, const NodeRef& source) {
  for (const SourceCursor& cursor : stream.task.progress.sources) {
    if (cursor.incarnation == source.incarnation) return &cursor;
  }
  return nullptr;
}

void Joiner::PickSource(Stream* stream) {
  const size_t count = stream->task.sources.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t candidate = (stream->source + i) % count;
    const NodeRef& source = stream->task.sources[candidate];
    const SourceCursor* cursor = CursorOf(*stream, source);
    if (source.incarnation == 0 || (cursor != nullptr && cursor->done)) continue;
    stream->source = candidate;
    return;
  }
  stream->source = count;
}

size_t Joiner::Busy() const {
  return static_cast<size_t>(std::count_if(streams_.begin(), streams_.end(), [](const auto& entry) {
    return entry.second.phase == Phase::kPulling || entry.second.phase == Phase::kImporting;
  }));
}

void Joiner::Start(MonotonicTime now, Actions* actions) {
  size_t busy = Busy();
  for (auto& [partition, stream] : streams_) {
    if (busy >= options_.streams_max || now < paced_until_) return;
    if (stream.phase != Phase::kWaiting || now < stream.not_before) continue;
    PickSource(&stream);
    if (stream.source >= stream.task.sources.size()) {
      Retry(&stream, "no source is left that could be asked", now);
      continue;
    }
    StartPull(&stream, actions);
    ++busy;
  }
}

void Joiner::StartPull(Stream* stream, Actions* actions) {
  const NodeRef& source = stream->task.sources[stream->source];
  const SourceCursor* cursor = CursorOf(*stream, source);
  Pull pull;
  pull.id = stream->id = ++last_id_;
  pull.source = source;
  pull.request.partition = stream->task.partition;
  pull.request.epoch = stream->task.epoch;
  pull.request.ballot_floor_epoch = stream->task.ballot_floor_epoch;
  pull.request.incarnation = source.incarnation;
  if (cursor != nullptr) pull.request.after = cursor->after;
  pull.request.size_bytes_max = options_.page_size_bytes_max;
  stream->phase = Phase::kPulling;
  actions->pulls.push_back(std::move(pull));
}

Joiner::Stream* Joiner::Find(uint64_t id, Phase phase) {
  for (auto& [partition, stream] : streams_) {
    if (stream.phase == phase && stream.id == id) return &stream;
  }
  return nullptr;
}

Joiner::Actions Joiner::OnPage(uint64_t id, PullReply reply, MonotonicTime now) {
  Actions actions;
  Stream* stream = Find(id, Phase::kPulling);
  if (stream != nullptr && reply.status != model::ReplyStatus::kOk) {
    QC_PROBE("joiner_pull_failed");
    Retry(stream,
          absl::StrCat("node ", stream->task.sources[stream->source].id, ": ", reply.message), now);
  } else if (stream != nullptr) {
    if (options_.bytes_per_second != 0) {
      const double seconds =
          static_cast<double>(reply.page.size()) / static_cast<double>(options_.bytes_per_second);
      paced_until_ = std::max(paced_until_, now) + absl::Seconds(seconds);
    }
    Import import;
    import.id = id;
    import.request.partition = stream->task.partition;
    import.request.join_id = stream->task.join_id();
    import.request.source = stream->task.sources[stream->source].incarnation;
    import.request.same_slot = stream->task.same_slot;
    import.request.sources_needed = stream->task.sources_needed;
    import.request.page = std::move(reply.page);
    stream->phase = Phase::kImporting;
    actions.imports.push_back(std::move(import));
  }
  Start(now, &actions);
  return actions;
}

Joiner::Actions Joiner::OnImported(uint64_t id, const ImportResult& result, MonotonicTime now) {
  if (Stream* stream = Find(id, Phase::kImporting); stream != nullptr) {
    // Also after an error: it says where the copy really stands.
    if (result.progress.join_id == stream->task.join_id()) stream->task.progress = result.progress;
    if (!result.status.ok()) {
      QC_PROBE("joiner_import_failed");
      Retry(stream, result.status.message(), now);
    } else {
      stream->phase = result.complete ? Phase::kDone : Phase::kWaiting;
      stream->backoff = options_.backoff_min;
      stream->not_before = now;
    }
  }
  Actions actions;
  Start(now, &actions);
  return actions;
}

void Joiner::Retry(Stream* stream, absl::string_view error, MonotonicTime now) {
  last_error_ = absl::StrCat("partition ", stream->task.partition, ": ", error);
  stream->phase = Phase::kWaiting;
  stream->not_before = now + stream->backoff;
  stream->backoff = std::min(stream->backoff * 2, options_.backoff_max);
  // Where there is a choice, the next one is as good.
  if (!stream->task.sources.empty()) {
    stream->source = (stream->source + 1) % stream->task.sources.size();
  }
}

Joiner::Actions Joiner::OnTimer(MonotonicTime now) {
  Actions actions;
  Start(now, &actions);
  return actions;
}

MonotonicTime Joiner::wake_at() const {
  MonotonicTime wake = MonotonicTime::Infinite();
  // Who waits for a stream to end is woken by its end.
  if (Busy() >= options_.streams_max) return wake;
  for (const auto& [partition, stream] : streams_) {
    if (stream.phase == Phase::kWaiting) wake = std::min(wake, stream.not_before);
  }
  return wake == MonotonicTime::Infinite() ? wake : std::max(wake, paced_until_);
}

size_t Joiner::joins_left() const {
  return static_cast<size_t>(std::count_if(streams_.begin(), streams_.end(), [](const auto& entry) {
    return entry.second.phase != Phase::kDone;
  }));
}

}  // namespace quorumcache::replica
