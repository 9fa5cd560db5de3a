// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/request_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/model/etag.h"
#include "coordinator/service/errors.h"

namespace quorumcache::service {
namespace {

constexpr int64_t kTtlMillisMax = limits::kTtlSecondsMax * 1000;

// Every check below: true, or false with the reason in `error`.

bool Refuse(CacheError& error, absl::string_view reason, std::string message) {
  error = InvalidArgument(reason, std::move(message));
  return false;
}

bool CheckOptions(const CacheRequest& request, CacheError& error) {
  if (request.consistency > model::Consistency::kAll) {
    return Refuse(error, "CONSISTENCY_INVALID",
                  absl::StrCat("consistency ", static_cast<int>(request.consistency),
                               " is not one of ONE, QUORUM, ALL"));
  }
  if (request.durability > model::Durability::kFsync) {
    return Refuse(error, "DURABILITY_INVALID",
                  absl::StrCat("durability ", static_cast<int>(request.durability),
                               " is not one of WAL, FSYNC"));
  }
  if (request.content_type.size() > limits::kContentTypeSizeBytesMax) {
    return Refuse(error, "CONTENT_TYPE_INVALID",
                  absl::StrCat("content type is ", request.content_type.size(),
                               " bytes; the most is ", limits::kContentTypeSizeBytesMax));
  }
  // It comes back as an HTTP header: a line break in it would forge another one.
  const bool printable = std::all_of(request.content_type.begin(), request.content_type.end(),
                                     [](char c) { return absl::ascii_isprint(c); });
  if (!printable) {
    return Refuse(error, "CONTENT_TYPE_INVALID", "content type has characters that are not ASCII");
  }
  return true;
}

bool CheckValue(const std::string& value, const RequestLimits& limits, CacheError& error) {
  if (value.size() <= limits.value_size_bytes_max) return true;
  return Refuse(error, "VALUE_TOO_LARGE",
                absl::StrCat("value is ", value.size(), " bytes; the most is ",
                             limits.value_size_bytes_max, " bytes (--max-value-size)"));
}

bool RefuseTtl(CacheError& error, absl::string_view what) {
  return Refuse(error, "TTL_INVALID",
                absl::StrCat(what, "; a time to live is more than 0 and at most 10 years"));
}

// The absolute expiry that `expiration` means at `now_ms`; 0: never.
bool ResolveExpiration(const Expiration& expiration, uint64_t now_ms, uint64_t& expire_at_ms,
                       CacheError& error) {
  expire_at_ms = 0;
  if (expiration.kind == Expiration::Kind::kNever) return true;
  const bool absolute = expiration.kind == Expiration::Kind::kAt;
  const int64_t now = static_cast<int64_t>(now_ms);
  // The smallest times are clamped first: the subtraction must not overflow.
  const int64_t ttl = absolute ? std::max<int64_t>(expiration.millis, 0) - now : expiration.millis;
  if (ttl <= 0) {
    return RefuseTtl(error, absolute ? "expire_time is not after the present"
                                     : absl::StrCat("ttl is ", ttl, " ms"));
  }
  if (ttl > kTtlMillisMax) return RefuseTtl(error, absl::StrCat("ttl is ", ttl / 1000, " s"));
  expire_at_ms = now_ms + static_cast<uint64_t>(ttl);
  return true;
}

bool ParseVersion(const std::string& etag, model::Ballot& version, CacheError& error) {
  const std::optional<model::Ballot> parsed = model::ParseEtag(etag);
  if (!parsed || parsed->IsZero()) {
    return Refuse(error, "ETAG_INVALID",
                  absl::StrCat("\"", absl::CHexEscape(etag.substr(0, 100)),
                               "\" is not an etag of this cache"));
  }
  version = *parsed;
  return true;
}

bool ResolveCondition(const CacheRequest& request, quorum::Condition& condition,
                      CacheError& error) {
  switch (request.condition) {
    case ConditionKind::kNone:
      condition.kind = quorum::ConditionKind::kNone;
      return true;
    case ConditionKind::kIfAbsent:
      condition.kind = quorum::ConditionKind::kIfAbsent;
      return true;
    case ConditionKind::kIfPresent:
      condition.kind = quorum::ConditionKind::kIfPresent;
      return true;
    case ConditionKind::kIfEtag:
      condition.kind = quorum::ConditionKind::kIfVersion;
      return ParseVersion(request.etag, condition.version, error);
  }
  return Refuse(error, "CONDITION_INVALID", "the condition is not one this server knows");
}

// The identity of a change across retries.
bool ResolveIdentity(const CacheRequest& request, quorum::Mutation& mutation, CacheError& error) {
  if (request.request_id.empty()) {
    if (request.kind == OperationKind::kIncrement) {
      return Refuse(error, "REQUEST_ID_REQUIRED",
                    "Increment needs a request_id (a UUID), so that a retry adds once");
    }
    if (!request.first.empty()) {
      return Refuse(error, "REQUEST_ID_REQUIRED",
                    "`first` means something only beside the request_id it came with");
    }
    return true;
  }
  mutation.request_id = model::RequestId::Parse(request.request_id);
  if (!mutation.request_id) {
    return Refuse(error, "REQUEST_ID_INVALID", "request_id is not a UUID");
  }
  if (request.first.empty()) return true;
  const std::optional<model::Ballot> first = model::ParseEtag(request.first);
  if (!first || first->IsZero()) {
    return Refuse(error, "FIRST_INVALID", "`first` is not what an error of this cache gave out");
  }
  mutation.first = *first;
  return true;
}

quorum::MutationKind KindOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kDelete:
      return quorum::MutationKind::kDelete;
    case OperationKind::kTouch:
      return quorum::MutationKind::kTouch;
    case OperationKind::kIncrement:
      return quorum::MutationKind::kIncrement;
    default:
      return quorum::MutationKind::kSet;
  }
}

bool ResolveMutation(CacheRequest&& request, const RequestLimits& limits, uint64_t now_ms,
                     quorum::Mutation& mutation, CacheError& error) {
  if (request.kind == OperationKind::kCompareAndSet) request.condition = ConditionKind::kIfEtag;
  if (!CheckValue(request.value, limits, error) ||
      !ResolveCondition(request, mutation.condition, error) ||
      !ResolveExpiration(request.expiration, now_ms, mutation.expire_at_ms, error) ||
      !ResolveIdentity(request, mutation, error)) {
    return false;
  }
  mutation.kind = KindOf(request.kind);
  mutation.value = std::move(request.value);
  mutation.content_type = std::move(request.content_type);
  mutation.keep_ttl = request.keep_ttl;
  mutation.return_previous = request.return_previous;
  mutation.fsync = request.durability == model::Durability::kFsync;
  mutation.delta = request.delta;
  mutation.initial = request.initial;
  return true;
}

absl::Duration TimeoutOf(const CacheRequest& request, const RequestLimits& limits) {
  if (request.timeout == absl::ZeroDuration()) return limits.timeout_default;
  return std::min(request.timeout, limits.timeout_max);
}

}  // namespace

bool CheckKey(absl::string_view key, CacheError& error) {
  const absl::Status status = model::ValidateKeyBytes(key);
  return status.ok() || Refuse(error, "KEY_INVALID", std::string(status.message()));
}

bool CheckNamespace(absl::string_view name, CacheError& error) {
  if (name.empty()) return true;
  const absl::Status status = model::ValidateNamespaceName(name);
  return status.ok() || Refuse(error, "NAMESPACE_INVALID", std::string(status.message()));
}

bool CheckRequest(CacheRequest&& request, const RequestLimits& limits, uint64_t now_ms,
                  CheckedRequest& checked, CacheError& error) {
  if (!CheckKey(request.key, error) || !CheckNamespace(request.namespace_name, error) ||
      !CheckOptions(request, error)) {
    return false;
  }
  checked.timeout = TimeoutOf(request, limits);
  if (checked.timeout <= absl::ZeroDuration()) {
    error = DeadlineBeforeSendError();
    return false;
  }
  checked.kind = request.kind;
  checked.consistency = request.consistency;
  checked.key.bytes = std::move(request.key);
  checked.key.namespace_name = request.namespace_name.empty()
                                   ? std::string(model::kDefaultNamespace)
                                   : std::move(request.namespace_name);
  if (request.kind == OperationKind::kGet) return true;
  return ResolveMutation(std::move(request), limits, now_ms, checked.mutation, error);
}

}  // namespace quorumcache::service
