// SPDX-License-Identifier: Apache-2.0
// A backend over replicas and a loop that live in the test.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "coordinator/service/core_backend.h"
#include "tests/coordinator/service/fake_replicas.h"
#include "tests/coordinator/service/manual_loop.h"
#include "tests/coordinator/service/test_view.h"

namespace quorumcache::service {

class NoMetrics final : public RequestMetrics {
 public:
  void OnAnswered(OperationKind kind, absl::Duration latency,
                  const CacheResponse& response) override {
    ++answered;
  }
  int answered = 0;
};

class NoScans final : public ScanClient {
 public:
  void ScanPartition(LinkId link, internal::v1::ScanPartitionRequest request,
                     absl::Duration timeout, ScanCallback done) override {
    internal::v1::ScanPartitionResponse none;
    done(absl::UnavailableError("no scans here"), none);
  }
};

class BackendFixture : public ::testing::Test, protected ResponseSink {
 protected:
  BackendFixture() { backend_.SetTopology(MakeTestView(1)); }
  void TearDown() override { backend_.ExpireAll(); }

  void OnResponse(uint64_t cookie, CacheResponse&& response) override {
    answers_.push_back(std::move(response));
  }

  static CacheRequest Request(OperationKind kind, const std::string& value = "") {
    CacheRequest request;
    request.kind = kind;
    request.key = "k";
    request.value = value;
    return request;
  }

  // Executes and delivers everything; the answer.
  CacheResponse Ask(CacheRequest request) {
    answers_.clear();
    backend_.Execute(std::move(request), *this, 0);
    replicas_.DeliverAll();
    EXPECT_EQ(answers_.size(), 1);
    return answers_.empty() ? CacheResponse() : std::move(answers_[0]);
  }

  ManualLoop loop_;
  FakeReplicas replicas_{3};
  NoMetrics metrics_;
  NoScans scans_;
  CoreBackend backend_{{loop_, replicas_, scans_, metrics_, RequestLimits(), 1}};
  std::vector<CacheResponse> answers_;
};

}  // namespace quorumcache::service
