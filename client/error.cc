// SPDX-License-Identifier: Apache-2.0
#include "client/error.h"

#include "absl/strings/cord.h"
#include "client/decode_error.h"
#include "common/base/check.h"

namespace quorumcache::client {
namespace {

// absl::Status has payloads for what is more than a code and a message.
constexpr char kPayloadUrl[] = "type.googleapis.com/quorumcache.v1.OperationError";

}  // namespace

absl::string_view OutcomeText(Outcome outcome) {
  return outcome == Outcome::kNotApplied ? "not_applied" : "unknown";
}

std::string Error::Metadata(const std::string& name) const {
  const auto found = metadata.find(name);
  return found == metadata.end() ? std::string() : found->second;
}

absl::Status ToStatus(const Error& error) {
  QC_CHECK(error.code != absl::StatusCode::kOk);
  absl::Status status(error.code, error.message);
  status.SetPayload(kPayloadUrl, absl::Cord(EncodeError(error).SerializeAsString()));
  return status;
}

Error ErrorOf(const absl::Status& status) {
  QC_CHECK(!status.ok());
  v1::OperationError proto;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (payload.has_value() && proto.ParseFromString(std::string(*payload))) {
    return DecodeError(proto);
  }
  return {.code = status.code(), .message = std::string(status.message())};
}

}  // namespace quorumcache::client
