// SPDX-License-Identifier: Apache-2.0
// What is not a request in exactly one reading never reaches a handler.
#include <ostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/common/http/server_fixture.h"

namespace quorumcache::http {
namespace {

struct Malformed {
  const char* name;
  int status;
  std::string bytes;
};

void PrintTo(const Malformed& malformed, std::ostream* out) {
  *out << malformed.name;
}

std::string Post(absl::string_view fields, absl::string_view body) {
  return absl::StrCat("POST /echo HTTP/1.1\r\nHost: x\r\n", fields, "\r\n", body);
}

std::string Chunked(absl::string_view body) {
  return Post("Transfer-Encoding: chunked\r\n", body);
}

// A second request that a lenient reader would find inside the first.
constexpr char kSmuggled[] = "GET /echo?smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

const Malformed kMalformed[] = {
    // Two answers to "how long is the body".
    {"LengthAndChunked", 400,
     Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          absl::StrCat("0\r\n\r\n", kSmuggled))},
    {"ChunkedAndLength", 400,
     Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          absl::StrCat("0\r\n\r\n", kSmuggled))},
    {"TwoLengths", 400, Post("Content-Length: 5\r\nContent-Length: 6\r\n", "abcdef")},
    {"TwoEqualLengths", 400, Post("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde")},
    {"LengthList", 400, Post("Content-Length: 5, 5\r\n", "abcde")},
    {"SignedLength", 400, Post("Content-Length: +5\r\n", "abcde")},
    {"NegativeLength", 400, Post("Content-Length: -5\r\n", "abcde")},
    {"HexLength", 400, Post("Content-Length: 0x5\r\n", "abcde")},
    {"EmptyLength", 400, Post("Content-Length: \r\n", "")},
    {"HugeLength", 400, Post("Content-Length: 18446744073709551621\r\n", "abcde")},
    {"OtherEncoding", 501, Post("Transfer-Encoding: gzip\r\n", kSmuggled)},
    {"EncodingList", 501, Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
    {"ChunkedNotLast", 501, Post("Transfer-Encoding: chunked, identity\r\n", kSmuggled)},
    {"ChunkedWithATail", 501, Post("Transfer-Encoding: chunked;q=1\r\n", kSmuggled)},
    {"TwoEncodings", 400,
     Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"SpaceBeforeColon", 400, Post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
    {"EncodingInOldVersion", 400,
     "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    // Lines.
    {"FoldedField", 400, Post("X-A: 1\r\n Content-Length: 5\r\n", "abcde")},
    {"FoldedFirstField", 400, "GET /echo HTTP/1.1\r\n X: 1\r\nHost: x\r\n\r\n"},
    {"BareLineFeeds", 400, "GET /echo HTTP/1.1\nHost: x\n\n"},
    {"BareLineFeedInFields", 400, Post("X-A: 1\nContent-Length: 5\r\n", "abcde")},
    {"BareCarriageReturn", 400, Post("X-A: 1\rContent-Length: 5\r\n", "abcde")},
    {"ZeroByteInField", 400, Post(absl::string_view("X-A: \0\r\n", 8), "")},
    {"NoColon", 400, Post("X-A\r\n", "")},
    {"EmptyName", 400, Post(": a\r\n", "")},
    {"SpaceInName", 400, Post("X A: a\r\n", "")},
    // Request line.
    {"NoTarget", 400, "GET\r\n\r\n"},
    {"NoVersion", 400, "GET /echo\r\nHost: x\r\n\r\n"},
    {"TwoSpaces", 400, "GET  /echo HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"SpaceInTarget", 400, "GET /ec ho HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"RawByteInTarget", 400, "GET /echo?\xC3\xA9 HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"BadMethod", 400, "GE(T /echo HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"LongMethod", 400, absl::StrCat(std::string(40, 'M'), " /echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"TabsForSpaces", 400, "GET\t/echo\tHTTP/1.1\r\nHost: x\r\n\r\n"},
    {"OtherProtocol", 400, "GET /echo HTPP/1.1\r\nHost: x\r\n\r\n"},
    {"LowerCaseProtocol", 400, "GET /echo http/1.1\r\nHost: x\r\n\r\n"},
    {"VersionTwo", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"VersionZeroNine", 505, "GET /echo HTTP/0.9\r\n\r\n"},
    {"VersionOneTwo", 505, "GET /echo HTTP/1.2\r\nHost: x\r\n\r\n"},
    {"TlsClientHello", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)},
    // Fields with a meaning.
    {"NoHost", 400, "GET /echo HTTP/1.1\r\n\r\n"},
    {"TwoHosts", 400, "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"HostList", 400, "GET /echo HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {"HostWithPath", 400, "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"OtherExpectation", 417, Post("Expect: miracles\r\nContent-Length: 5\r\n", "abcde")},
    // Chunks.
    {"ChunkSizeNotHex", 400, Chunked("zz\r\nabc\r\n0\r\n\r\n")},
    {"ChunkSizeNegative", 400, Chunked("-3\r\nabc\r\n0\r\n\r\n")},
    {"ChunkSizePrefixed", 400, Chunked("0x3\r\nabc\r\n0\r\n\r\n")},
    {"ChunkSizeWithSpace", 400, Chunked(" 3\r\nabc\r\n0\r\n\r\n")},
    {"ChunkSizeOverflows", 400, Chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")},
    {"ChunkSizeEmpty", 400, Chunked("\r\nabc\r\n0\r\n\r\n")},
    {"ChunkLongerThanItsSize", 400, Chunked("3\r\nabcd\r\n0\r\n\r\n")},
    {"ChunkWithBareLineFeed", 400, Chunked("3\nabc\r\n0\r\n\r\n")},
    {"ChunkEndsInBareLineFeed", 400, Chunked("3\r\nabc\n0\r\n\r\n")},
    {"ChunkExtensionForEver", 400, Chunked(absl::StrCat("3;", std::string(64 * 1024, 'a')))},
    {"TrailerForEver", 400, Chunked(absl::StrCat("0\r\nX: ", std::string(64 * 1024, 'a')))},
    {"TrailerWithLength", 400, Chunked("0\r\nContent-Length: 5\r\n\r\n")},
};

class MalformedTest : public ServerFixture, public testing::WithParamInterface<Malformed> {};

TEST_P(MalformedTest, IsRefusedAloudAndTheConnectionCloses) {
  Start();
  RawClient client(port());

  const auto response = client.Ask(absl::StrCat(GetParam().bytes, kSmuggled));

  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, GetParam().status) << response->body;
  EXPECT_EQ(response->headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_THAT(response->body, testing::HasSubstr("\"outcome\":\"not_applied\""));
  EXPECT_EQ(client.Read(), std::nullopt) << "a second answer";
  EXPECT_TRUE(requests().empty());
}

INSTANTIATE_TEST_SUITE_P(All, MalformedTest, testing::ValuesIn(kMalformed),
                         [](const auto& info) { return std::string(info.param.name); });

class TruncatedTest : public ServerFixture {};

TEST_F(TruncatedTest, RequestCutAtAnyByteNeverReachesAHandler) {
  Start();
  const std::string whole =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

  for (size_t size = 1; size < whole.size(); ++size) {
    RawClient client(port());
    client.Send(whole.substr(0, size));
    client.ShutdownWrite();
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << size;
    EXPECT_EQ(response->status, 400) << size;
  }

  EXPECT_TRUE(requests().empty());
}

}  // namespace
}  // namespace quorumcache::http
