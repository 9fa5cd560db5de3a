// SPDX-License-Identifier: Apache-2.0
#include "tests/history/json_lines.h"

#include "gtest/gtest.h"
#include "tests/history/test_histories.h"

namespace quorumcache::history {
namespace {

ClientOp By(int32_t process, ClientOp op) {
  op.process = process;
  op.key = "k";
  return op;
}

TEST(JsonLinesTest, TwoLinesPerOperationInOrderOfTime) {
  const History history = {By(0, SetOk(10, 40, 7)), By(1, GetFound(20, 30, 7)),
                           By(1, GetMiss(50, 60))};

  EXPECT_EQ(ToJsonLines(history),
            R"({"process":0,"type":"invoke","f":"write","key":"k","value":7,"time_ns":10}
{"process":1,"type":"invoke","f":"read","key":"k","value":null,"time_ns":20}
{"process":1,"type":"ok","f":"read","key":"k","value":7,"time_ns":30}
{"process":0,"type":"ok","f":"write","key":"k","value":7,"time_ns":40}
{"process":1,"type":"invoke","f":"read","key":"k","value":null,"time_ns":50}
{"process":1,"type":"ok","f":"read","key":"k","value":null,"time_ns":60}
)");
}

TEST(JsonLinesTest, WhatIsNotKnownIsInfoAtTheEnd) {
  const History history = {By(0, Unknown(SetOk(10, 20, 7))), By(1, GetMiss(30, 40))};

  EXPECT_NE(ToJsonLines(history).find(
                R"({"process":0,"type":"info","f":"write","key":"k","value":7,"time_ns":40})"),
            std::string::npos);
}

TEST(JsonLinesTest, AFalseConditionFails) {
  ClientOp op = By(0, SetOk(10, 20, 7));
  op.condition = ClientCondition::kIfVersion;
  op.if_value = 6;
  op.outcome = ClientOutcome::kConditionFailed;

  EXPECT_EQ(
      ToJsonLines({op}),
      R"({"process":0,"type":"invoke","f":"write_if_version","key":"k","value":[6,7],"time_ns":10}
{"process":0,"type":"fail","f":"write_if_version","key":"k","value":[6,7],"time_ns":20}
)");
}

TEST(JsonLinesTest, AChangeTellsWhatItReplaced) {
  ClientOp first = By(0, SetOk(10, 20, 7));
  first.return_previous = first.previous_known = true;
  ClientOp second = By(0, SetOk(30, 40, 8));
  second.return_previous = second.previous_known = second.has_previous = true;
  second.value_read = 7;

  const std::string text = ToJsonLines({first, second});

  EXPECT_NE(text.find(R"("value":[null,7],"time_ns":20)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("value":[7,8],"time_ns":40)"), std::string::npos) << text;
}

TEST(JsonLinesTest, AnExpiryNamesTheLineOfWhatItEnds) {
  ClientOp set = By(2, SetOk(10, 20, 7));
  set.has_ttl = true;

  const std::string text = ToJsonLines({set, By(0, ExpiryOf(0, 100, 200))});

  EXPECT_NE(
      text.find(R"({"process":-1,"type":"ok","f":"expire","key":"k","value":1,"time_ns":200})"),
      std::string::npos)
      << text;
}

TEST(JsonLinesTest, KeysAreEscaped) {
  ClientOp op = GetMiss(1, 2);
  op.key = "a\"b\\\n\xFF";

  EXPECT_NE(ToJsonLines({op}).find(R"("key":"a\"b\\\u000a\u00ff")"), std::string::npos);
}

TEST(JsonLinesTest, NothingIsNothing) {
  EXPECT_EQ(ToJsonLines({}), "");
}

}  // namespace
}  // namespace quorumcache::history
