// SPDX-License-Identifier: Apache-2.0
#include "coordinator/service/request_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace quorumcache::service {
namespace {

constexpr uint64_t kNowMs = 1'700'000'000'000;
constexpr char kUuid[] = "123e4567-e89b-12d3-a456-426614174000";

CacheRequest SetRequest() {
  CacheRequest request;
  request.kind = OperationKind::kSet;
  request.key = "k";
  request.value = "v";
  return request;
}

// The reason of the refusal, or "" and the checked request.
std::string Check(CacheRequest request, CheckedRequest* checked = nullptr) {
  CheckedRequest unused;
  CacheError error;
  const bool good = CheckRequest(std::move(request), RequestLimits(), kNowMs,
                                 checked != nullptr ? *checked : unused, error);
  EXPECT_EQ(good, error.ok());
  EXPECT_FALSE(error.outcome_unknown);
  return error.reason;
}

std::string CheckWith(const std::function<void(CacheRequest&)>& change) {
  CacheRequest request = SetRequest();
  change(request);
  return Check(std::move(request));
}

TEST(RequestRulesTest, PlainSetPassesWithDefaults) {
  CheckedRequest checked;
  EXPECT_EQ(Check(SetRequest(), &checked), "");

  EXPECT_EQ(checked.key.namespace_name, "default");
  EXPECT_EQ(checked.key.bytes, "k");
  EXPECT_EQ(checked.mutation.value, "v");
  EXPECT_EQ(checked.mutation.expire_at_ms, 0);
  EXPECT_TRUE(checked.mutation.IsBlind());
  EXPECT_EQ(checked.timeout, absl::Seconds(1));
}

TEST(RequestRulesTest, KeysOfOneTo4096BytesPass) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.key = ""; }), "KEY_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.key = std::string(4096, '\0'); }), "");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.key = std::string(4097, 'x'); }), "KEY_INVALID");
}

TEST(RequestRulesTest, NamespaceNamesAreChecked) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.namespace_name = "a-b_9"; }), "");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.namespace_name = "A"; }), "NAMESPACE_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.namespace_name = std::string(65, 'a'); }),
            "NAMESPACE_INVALID");
}

TEST(RequestRulesTest, ValueOverTheLimitIsRefused) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.value.resize(size_t{4} << 20); }), "");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.value.resize((size_t{4} << 20) + 1); }),
            "VALUE_TOO_LARGE");
}

TEST(RequestRulesTest, TtlCountsFromNow) {
  CacheRequest request = SetRequest();
  request.expiration = {Expiration::Kind::kTtl, 60'000};
  CheckedRequest checked;

  EXPECT_EQ(Check(std::move(request), &checked), "");
  EXPECT_EQ(checked.mutation.expire_at_ms, kNowMs + 60'000);
}

TEST(RequestRulesTest, AbsurdTtlsAreRefused) {
  const auto ttl = [](int64_t millis) {
    return CheckWith([millis](CacheRequest& r) {
      r.expiration = {Expiration::Kind::kTtl, millis};
    });
  };
  EXPECT_EQ(ttl(1), "");
  EXPECT_EQ(ttl(limits::kTtlSecondsMax * 1000), "");
  EXPECT_EQ(ttl(limits::kTtlSecondsMax * 1000 + 1), "TTL_INVALID");
  EXPECT_EQ(ttl(0), "TTL_INVALID");
  EXPECT_EQ(ttl(-1), "TTL_INVALID");
  EXPECT_EQ(ttl(int64_t{1'000'000'000'000} * 1000), "TTL_INVALID");
  EXPECT_EQ(ttl(std::numeric_limits<int64_t>::max()), "TTL_INVALID");
  EXPECT_EQ(ttl(std::numeric_limits<int64_t>::min()), "TTL_INVALID");
}

TEST(RequestRulesTest, ExpireTimeMustLieAhead) {
  const auto at = [](int64_t millis) {
    return CheckWith([millis](CacheRequest& r) { r.expiration = {Expiration::Kind::kAt, millis}; });
  };
  const int64_t now = static_cast<int64_t>(kNowMs);
  EXPECT_EQ(at(now + 1), "");
  EXPECT_EQ(at(now), "TTL_INVALID");
  EXPECT_EQ(at(0), "TTL_INVALID");
  EXPECT_EQ(at(std::numeric_limits<int64_t>::min()), "TTL_INVALID");
  EXPECT_EQ(at(std::numeric_limits<int64_t>::max()), "TTL_INVALID");
}

TEST(RequestRulesTest, UnknownLevelsAreRefused) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.consistency = static_cast<model::Consistency>(4); }),
            "CONSISTENCY_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.durability = static_cast<model::Durability>(3); }),
            "DURABILITY_INVALID");
}

TEST(RequestRulesTest, ContentTypeCannotForgeAHeader) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.content_type = "text/plain; charset=utf-8"; }), "");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.content_type = "a\r\nSet-Cookie: b"; }),
            "CONTENT_TYPE_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.content_type = std::string(256, 'a'); }),
            "CONTENT_TYPE_INVALID");
}

TEST(RequestRulesTest, IncrementNeedsARequestId) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.kind = OperationKind::kIncrement; }),
            "REQUEST_ID_REQUIRED");
  EXPECT_EQ(CheckWith([](CacheRequest& r) {
              r.kind = OperationKind::kIncrement;
              r.request_id = kUuid;
            }),
            "");
}

TEST(RequestRulesTest, RetryIdentityIsChecked) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.request_id = "not a uuid"; }), "REQUEST_ID_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.first = "1.2.3"; }), "REQUEST_ID_REQUIRED");
  EXPECT_EQ(CheckWith([](CacheRequest& r) {
              r.request_id = kUuid;
              r.first = "x";
            }),
            "FIRST_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) {
              r.request_id = kUuid;
              r.first = "1.2.3";
            }),
            "");
}

TEST(RequestRulesTest, CompareAndSetNeedsAnEtag) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.kind = OperationKind::kCompareAndSet; }),
            "ETAG_INVALID");
  EXPECT_EQ(CheckWith([](CacheRequest& r) {
              r.kind = OperationKind::kCompareAndSet;
              r.etag = "1.2.3";
            }),
            "");
}

TEST(RequestRulesTest, TimeThatIsUpIsNotSent) {
  EXPECT_EQ(CheckWith([](CacheRequest& r) { r.timeout = -absl::Milliseconds(1); }),
            "DEADLINE_EXCEEDED");
  CacheRequest request = SetRequest();
  request.timeout = absl::Hours(1);
  CheckedRequest checked;
  EXPECT_EQ(Check(std::move(request), &checked), "");
  EXPECT_EQ(checked.timeout, absl::Seconds(60));
}

}  // namespace
}  // namespace quorumcache::service
