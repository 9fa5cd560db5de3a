// SPDX-License-Identifier: Apache-2.0
#include "client/pipeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_cluster.h"

namespace quorumcache::client {
namespace {

// Far above what anything here takes: a poll that reaches it has failed.
constexpr absl::Duration kLong = absl::Seconds(30);

class PipelineTest : public testing::Test, public PipelineHandler {
 protected:
  void OnResult(v1::PipelineResult& result) override {
    EXPECT_EQ(results_.count(result.id()), 0u) << "answered twice";
    const uint64_t id = result.id();
    results_[id] = std::move(result);
    if (on_result_) on_result_(id);
  }

  void AddSet(Pipeline& pipeline, uint64_t id) {
    v1::SetRequest& request = *pipeline.Add(id).mutable_set();
    request.set_key(absl::StrCat("k", id));
    request.set_value(absl::StrCat("v", id));
  }
  void AddGet(Pipeline& pipeline, uint64_t id, uint64_t key) {
    pipeline.Add(id).mutable_get()->set_key(absl::StrCat("k", key));
  }
  static void PollUntilAnswered(Pipeline& pipeline) {
    while (pipeline.outstanding() > 0) pipeline.Poll(kLong);
  }

  FakeCoordinator a_;
  FakeCoordinator b_;
  std::map<uint64_t, v1::PipelineResult> results_;
  std::function<void(uint64_t)> on_result_;
};

TEST_F(PipelineTest, EveryOperationIsAnsweredUnderItsId) {
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);

  for (uint64_t id = 0; id < 1000; ++id) AddSet(pipeline, id);
  EXPECT_EQ(pipeline.outstanding(), 1000u);
  PollUntilAnswered(pipeline);
  for (uint64_t id = 0; id < 1000; ++id) AddGet(pipeline, 1000 + id, id);
  PollUntilAnswered(pipeline);

  ASSERT_EQ(results_.size(), 2000u);
  for (uint64_t id = 0; id < 1000; ++id) {
    EXPECT_EQ(results_[1000 + id].get().value(), absl::StrCat("v", id));
  }
}

TEST_F(PipelineTest, WhatIsAddedTogetherLeavesInOneMessage) {
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);

  for (uint64_t id = 0; id < 1000; ++id) AddGet(pipeline, id, id);
  PollUntilAnswered(pipeline);

  EXPECT_EQ(pipeline.messages_sent(), 1u);
}

TEST_F(PipelineTest, LargeValuesAreSpreadOverMessages) {
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);

  for (uint64_t id = 0; id < 20; ++id) {
    AddSet(pipeline, id);
    v1::SetRequest& large = *pipeline.Add(100 + id).mutable_set();
    large.set_key("large");
    large.set_value(std::string(size_t{1} << 20, 'v'));
  }
  PollUntilAnswered(pipeline);

  EXPECT_GE(pipeline.messages_sent(), 7u);
  EXPECT_EQ(results_.size(), 40u);
  for (const auto& [id, result] : results_) EXPECT_TRUE(result.has_set()) << id;
}

TEST_F(PipelineTest, HandlerMayAddOperations) {
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);
  on_result_ = [&](uint64_t id) {
    if (id < 50) AddGet(pipeline, id + 1, 0);
  };

  AddGet(pipeline, 0, 0);
  PollUntilAnswered(pipeline);

  EXPECT_EQ(results_.size(), 51u);
}

TEST_F(PipelineTest, OperationsLostWithAStreamFailAsUnknownAndTheRestGoesOn) {
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);
  a_.BreakPipelineAfter(3);

  for (uint64_t id = 0; id < 5; ++id) AddSet(pipeline, id);
  PollUntilAnswered(pipeline);
  AddSet(pipeline, 5);
  PollUntilAnswered(pipeline);

  size_t failed = 0;
  for (uint64_t id = 0; id < 5; ++id) {
    if (!results_[id].has_error()) continue;
    ++failed;
    EXPECT_EQ(results_[id].error().outcome(), "unknown");
    EXPECT_EQ(results_[id].error().code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE));
  }
  EXPECT_GE(failed, 2u);
  EXPECT_TRUE(results_[5].has_set());
}

TEST_F(PipelineTest, NextEndpointTakesOverWhenACoordinatorStops) {
  Pipeline pipeline({.endpoints = {a_.address(), b_.address()}}, *this);
  AddSet(pipeline, 0);
  PollUntilAnswered(pipeline);

  a_.Stop();
  // The first may still meet the dying stream; a later one must get through.
  uint64_t id = 1;
  do {
    AddSet(pipeline, id);
    PollUntilAnswered(pipeline);
  } while (results_[id++].has_error() && id < 100);

  EXPECT_TRUE(results_[id - 1].has_set());
  EXPECT_GE(b_.calls(), 1u);
}

TEST_F(PipelineTest, UnreachableClusterFailsOperationsAsNotApplied) {
  a_.Stop();
  Pipeline pipeline({.endpoints = {a_.address()}}, *this);

  AddSet(pipeline, 0);
  PollUntilAnswered(pipeline);

  EXPECT_EQ(results_[0].error().reason(), "UNREACHABLE");
  EXPECT_EQ(results_[0].error().outcome(), "not_applied");
}

TEST_F(PipelineTest, HangingCoordinatorIsGivenUp) {
  a_.Hang();
  Pipeline pipeline({.endpoints = {a_.address()}, .stall_timeout = absl::Milliseconds(20)}, *this);

  AddSet(pipeline, 0);
  PollUntilAnswered(pipeline);

  EXPECT_EQ(results_[0].error().outcome(), "unknown");
}

TEST_F(PipelineTest, DestructionWithOperationsUnderWayAnswersNothing) {
  a_.Hang();
  {
    Pipeline pipeline({.endpoints = {a_.address()}}, *this);
    AddSet(pipeline, 0);
    pipeline.Poll(absl::Milliseconds(1));
    AddSet(pipeline, 1);
  }
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace quorumcache::client
