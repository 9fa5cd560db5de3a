// SPDX-License-Identifier: Apache-2.0
#include "cli/key_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace quorumcache::cli {
namespace {

using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

v1::GetResponse Found(const std::string& value, int64_t expires_in_seconds = 0) {
  v1::GetResponse response;
  response.set_found(true);
  response.set_value(value);
  response.set_etag("1.2.3");
  if (expires_in_seconds > 0) response.mutable_expire_time()->set_seconds(expires_in_seconds);
  return response;
}

TEST(KeyOutputTest, ValueIsPrintedByteForByteIntoAFile) {
  const std::string binary("\0\xff\n", 3);

  EXPECT_EQ(FormatValue(OutputForm::kValue, "k", Found(binary), /*terminal=*/false), binary);
  EXPECT_EQ(FormatValue(OutputForm::kValue, "k", Found("v"), /*terminal=*/true), "v\n");
}

TEST(KeyOutputTest, JsonOfAValueIsTheGatewaysEnvelope) {
  EXPECT_EQ(
      FormatValue(OutputForm::kJson, "k", Found("v", 60), false),
      "{\"key\":\"k\",\"found\":true,\"value\":\"v\",\"encoding\":\"utf8\",\"etag\":\"1.2.3\","
      "\"expire_time\":\"1970-01-01T00:01:00.000Z\"}\n");
}

TEST(KeyOutputTest, KeyThatIsNotTextIsBase64InJson) {
  EXPECT_THAT(FormatDeleted(OutputForm::kJson, "\xff"),
              HasSubstr("\"key\":{\"value\":\"/w==\",\"encoding\":\"base64\"}"));
}

TEST(KeyOutputTest, TtlIsWhatIsLeftAndNeverNegative) {
  const absl::Time now = absl::FromUnixSeconds(40);

  EXPECT_EQ(FormatTtl(OutputForm::kValue, "k", Found("v", 60), now), "20s\n");
  EXPECT_EQ(FormatTtl(OutputForm::kValue, "k", Found("v", 30), now), "0\n");
  EXPECT_EQ(FormatTtl(OutputForm::kValue, "k", Found("v"), now), "never\n");
}

TEST(KeyOutputTest, WrittenShowsEtagAndExpiry) {
  google::protobuf::Timestamp expires;
  expires.set_seconds(60);

  EXPECT_EQ(FormatWritten(OutputForm::kValue, "k", "1.2.3", nullptr), "1.2.3\n");
  EXPECT_EQ(FormatWritten(OutputForm::kJson, "k", "1.2.3", &expires),
            "{\"key\":\"k\",\"etag\":\"1.2.3\",\"expire_time\":\"1970-01-01T00:01:00.000Z\"}\n");
}

class MultiGetOutputTest : public testing::Test {
 protected:
  MultiGetOutputTest() {
    *response_.add_results()->mutable_ok() = Found("v");
    response_.add_results()->mutable_ok();
  }
  const std::vector<std::string> keys_ = {"here", "gone"};
  v1::MultiGetResponse response_;
};

TEST_F(MultiGetOutputTest, ShowsEveryKeyInItsOrder) {
  EXPECT_THAT(FormatMultiGet(OutputForm::kTable, keys_, response_),
              AllOf(HasSubstr("here  v"), HasSubstr("gone  (not found)\n")));
  EXPECT_EQ(FormatMultiGet(OutputForm::kValue, keys_, response_), "v\n\n");
}

TEST_F(MultiGetOutputTest, StatusIsNotFoundUntilAllAreThere) {
  EXPECT_THAT(StatusOfMultiGet(keys_, response_),
              StatusIs(absl::StatusCode::kNotFound, "not found: gone"));
  *response_.mutable_results(1)->mutable_ok() = Found("w");
  EXPECT_THAT(StatusOfMultiGet(keys_, response_), IsOk());
}

TEST_F(MultiGetOutputTest, ErrorOfOneKeyIsTheStatus) {
  v1::OperationError& error = *response_.mutable_results(1)->mutable_error();
  error.set_code(14);
  error.set_reason("QUORUM_UNREACHABLE");

  EXPECT_THAT(StatusOfMultiGet(keys_, response_),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("gone")));
  EXPECT_THAT(FormatMultiGet(OutputForm::kTable, keys_, response_),
              HasSubstr("(error: QUORUM_UNREACHABLE)"));
}

TEST(ScanOutputTest, OneLineAKey) {
  v1::ScanEntry entry;
  entry.set_key("k\n");
  entry.set_value("v");

  EXPECT_EQ(FormatScanEntry(OutputForm::kTable, entry, true), "k\\x0a  v\n");
  EXPECT_EQ(FormatScanEntry(OutputForm::kValue, entry, false), "k\n\n");
}

}  // namespace
}  // namespace quorumcache::cli
