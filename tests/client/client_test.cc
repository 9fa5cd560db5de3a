// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/client/fake_cluster.h"
#include "tests/support/status_matchers.h"

namespace quorumcache::client {
namespace {

using support::IsOk;
using support::IsOkAndHolds;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

// Room for a slow sanitizer build; nothing here waits for it to pass.
constexpr absl::Duration kLong = absl::Seconds(30);

class ClientTest : public testing::Test {
 protected:
  ClientOptions Options(std::vector<std::string> endpoints) {
    return {.endpoints = std::move(endpoints), .timeout = kLong};
  }

  FakeCoordinator a_;
  FakeCoordinator b_;
  // Nobody listens there any more.
  std::string dead_ = [] {
    FakeCoordinator gone;
    return gone.address();
  }();
};

TEST_F(ClientTest, ValuesComeBackAsTheyWerePut) {
  Client client(Options({a_.address()}));
  const std::string binary("\0\xff\n", 3);

  EXPECT_THAT(client.Put(binary, binary), IsOk());

  EXPECT_THAT(client.Find(binary), IsOkAndHolds(Optional(binary)));
  EXPECT_THAT(client.Find("other"), IsOkAndHolds(std::nullopt));
}

TEST_F(ClientTest, CallsGoToTheEndpointsInTurn) {
  Client client(Options({a_.address(), b_.address()}));

  for (int i = 0; i < 4; ++i) EXPECT_THAT(client.Find("k"), IsOk());

  EXPECT_EQ(a_.calls(), 2u);
  EXPECT_EQ(b_.calls(), 2u);
}

TEST_F(ClientTest, DeadEndpointIsPassedOver) {
  Client client(Options({dead_, a_.address()}));

  for (int i = 0; i < 4; ++i) EXPECT_THAT(client.Put("k", "v"), IsOk());
}

TEST_F(ClientTest, UnreachableClusterIsUnavailableAndNothingWasApplied) {
  Client client(Options({dead_}));

  const absl::Status status = client.Put("k", "v");

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(dead_)));
  EXPECT_EQ(ErrorOf(status).reason, "UNREACHABLE");
  EXPECT_EQ(ErrorOf(status).outcome, Outcome::kNotApplied);
}

TEST_F(ClientTest, WhatTheClusterSaidOutlivesADeadEndpoint) {
  ClientOptions options = Options({a_.address(), dead_});
  options.attempts_max = 2;
  Client client(options);
  a_.FailNext({RichError(grpc::StatusCode::UNAVAILABLE, "QUORUM_UNREACHABLE", "not_applied")});

  const absl::Status status = client.Put("k", "v");

  EXPECT_EQ(ErrorOf(status).reason, "QUORUM_UNREACHABLE") << status;
  EXPECT_EQ(ErrorOf(status).outcome, Outcome::kNotApplied);
}

TEST_F(ClientTest, WhatIsNoCoordinatorIsNamedAndNothingWasApplied) {
  Client client(Options({a_.address()}));

  const absl::Status status = client.Delete(v1::DeleteRequest()).status();  // the fake has none

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnimplemented, HasSubstr(a_.address())));
  EXPECT_THAT(status.message(), HasSubstr("not a coordinator"));
  EXPECT_EQ(ErrorOf(status).reason, "NOT_SERVED");
  EXPECT_EQ(ErrorOf(status).outcome, Outcome::kNotApplied);
}

TEST_F(ClientTest, ReadIsRepeatedElsewhere) {
  Client client(Options({a_.address(), b_.address()}));
  a_.FailNext({grpc::Status(grpc::StatusCode::UNAVAILABLE, "going away")});

  EXPECT_THAT(client.Find("k"), IsOk());

  EXPECT_EQ(b_.calls(), 1u);
}

TEST_F(ClientTest, WriteThatWasNotAppliedIsRepeated) {
  Client client(Options({a_.address()}));
  a_.FailNext({RichError(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", "not_applied"),
               RichError(grpc::StatusCode::UNAVAILABLE, "QUORUM_UNREACHABLE", "not_applied")});

  EXPECT_THAT(client.Put("k", "v"), IsOk());

  EXPECT_EQ(a_.calls(), 3u);
}

TEST_F(ClientTest, BlindWriteOfUnknownOutcomeIsNotRepeated) {
  Client client(Options({a_.address()}));
  a_.FailNext({RichError(grpc::StatusCode::DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN", "unknown",
                         {{"first", "1.2.3"}})});

  const absl::Status status = client.Put("k", "v");

  EXPECT_EQ(ErrorOf(status).outcome, Outcome::kUnknown);
  EXPECT_EQ(ErrorOf(status).Metadata("first"), "1.2.3");
  EXPECT_EQ(a_.calls(), 1u);
}

TEST_F(ClientTest, WriteWithARequestIdIsRepeatedWithItsFirst) {
  Client client(Options({a_.address()}));
  a_.FailNext({RichError(grpc::StatusCode::DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN", "unknown",
                         {{"first", "1.2.3"}})});
  v1::SetRequest request;
  request.set_key("k");
  request.set_request_id("7e57ab1e-0000-4000-8000-000000000000");

  EXPECT_THAT(client.Set(request), IsOk());

  EXPECT_EQ(a_.last_first(), "1.2.3");
  EXPECT_EQ(a_.last_request_id(), request.request_id());
}

TEST_F(ClientTest, FailureAfterAnUnknownOutcomeStaysUnknown) {
  Client client(Options({a_.address()}));
  a_.FailNext({RichError(grpc::StatusCode::DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN", "unknown",
                         {{"first", "1.2.3"}}),
               RichError(grpc::StatusCode::INVALID_ARGUMENT, "KEY_INVALID", "not_applied")});
  v1::SetRequest request;
  request.set_request_id("7e57ab1e-0000-4000-8000-000000000000");

  EXPECT_EQ(ErrorOf(client.Set(request).status()).outcome, Outcome::kUnknown);
}

TEST_F(ClientTest, ConditionalWriteGetsARequestId) {
  Client client(Options({a_.address()}));
  v1::SetRequest request;
  request.set_key("k");
  ASSERT_THAT(client.Set(request), IsOk());
  EXPECT_EQ(a_.last_request_id(), "");

  request.set_if_absent(true);
  ASSERT_THAT(client.Set(request), IsOk());
  EXPECT_EQ(a_.last_request_id().size(), 36u);
}

TEST_F(ClientTest, PermanentErrorIsReturnedAtOnce) {
  Client client(Options({a_.address()}));
  a_.FailNext({RichError(grpc::StatusCode::INVALID_ARGUMENT, "KEY_INVALID", "not_applied")});

  EXPECT_EQ(ErrorOf(client.Find("").status()).reason, "KEY_INVALID");
  EXPECT_EQ(a_.calls(), 1u);
}

TEST_F(ClientTest, AttemptsAreBounded) {
  Client client({.endpoints = {a_.address()}, .timeout = kLong, .attempts_max = 2});
  const grpc::Status busy = RichError(grpc::StatusCode::UNAVAILABLE, "X", "not_applied");
  a_.FailNext({busy, busy, busy});

  EXPECT_THAT(client.Find("k"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(a_.calls(), 2u);
}

class ScanTest : public ClientTest {
 protected:
  ScanTest() {
    for (const char* key : {"a", "b", "c", "d", "e"}) {
      v1::SetRequest request;
      request.set_key(key);
      v1::SetResponse response;
      a_.Set(nullptr, &request, &response);
    }
  }

  absl::Status Scan(uint32_t limit, size_t stop_after = 100) {
    Client client(Options({a_.address()}));
    v1::ScanRequest request;
    request.set_limit(limit);
    return client.Scan(request, [&](const v1::ScanEntry& entry) {
      seen_.push_back(entry.key());
      return seen_.size() < stop_after;
    });
  }

  std::vector<std::string> seen_;
};

TEST_F(ScanTest, VisitsEverything) {
  EXPECT_THAT(Scan(0), IsOk());
  EXPECT_THAT(seen_, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(ScanTest, GoesOnWhereABrokenStreamStopped) {
  a_.BreakScanAfter(2);

  EXPECT_THAT(Scan(0), IsOk());

  EXPECT_THAT(seen_, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(ScanTest, StopsAtTheLimitAlsoAcrossABreak) {
  a_.BreakScanAfter(2);

  EXPECT_THAT(Scan(3), IsOk());

  EXPECT_THAT(seen_, ElementsAre("a", "b", "c"));
}

TEST_F(ScanTest, StopsWhenTheVisitorHasEnough) {
  EXPECT_THAT(Scan(0, 2), IsOk());
  EXPECT_THAT(seen_, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace quorumcache::client
