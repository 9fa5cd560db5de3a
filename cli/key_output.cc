// SPDX-License-Identifier: Apache-2.0
#include "cli/key_output.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/json_text.h"
#include "client/error.h"

namespace quorumcache::cli {
namespace {

// Wide enough to recognise a value, narrow enough for a terminal.
constexpr size_t kValueColumnsMax = 60;

std::string ExpiryText(const google::protobuf::Timestamp* expire_time) {
  return expire_time == nullptr ? "never" : TimeText(ToTime(*expire_time));
}

const google::protobuf::Timestamp* ExpiryOf(const v1::GetResponse& response) {
  return response.has_expire_time() ? &response.expire_time() : nullptr;
}

// Keys are bytes; JSON strings are not.
void AddKey(JsonObject& object, absl::string_view key) {
  if (IsUtf8(key)) {
    object.AddText("key", key);
  } else {
    JsonObject bytes;
    object.AddJson("key", bytes.AddBytes("value", key).Text());
  }
}

void AddExpiry(JsonObject& object, const google::protobuf::Timestamp* expire_time) {
  if (expire_time != nullptr) object.AddText("expire_time", ExpiryText(expire_time));
}

std::string ValueJson(absl::string_view key, const v1::GetResponse& response) {
  JsonObject object;
  AddKey(object, key);
  object.AddBool("found", response.found());
  if (!response.found()) return object.Text();
  object.AddBytes("value", response.value()).AddText("etag", response.etag());
  if (!response.content_type().empty()) {
    object.AddText("content_type", Printable(response.content_type()));
  }
  AddExpiry(object, ExpiryOf(response));
  return object.Text();
}

std::vector<std::string> ValueRow(absl::string_view key, const v1::GetResponse& response) {
  return {Printable(key), Shortened(Printable(response.value()), kValueColumnsMax),
          absl::StrCat(response.value().size()), response.etag(), ExpiryText(ExpiryOf(response))};
}

const std::vector<std::string>& ValueHeader() {
  static const std::vector<std::string> header = {"KEY", "VALUE", "BYTES", "ETAG", "EXPIRES"};
  return header;
}

}  // namespace

std::string FormatValue(OutputForm form, absl::string_view key, const v1::GetResponse& response,
                        bool terminal) {
  switch (form) {
    case OutputForm::kJson:
      return ValueJson(key, response) + "\n";
    case OutputForm::kTable:
      return FormatTable(ValueHeader(), {ValueRow(key, response)});
    case OutputForm::kValue:
      break;
  }
  return terminal ? response.value() + "\n" : response.value();
}

std::string FormatWritten(OutputForm form, absl::string_view key, absl::string_view etag,
                          const google::protobuf::Timestamp* expire_time) {
  if (form == OutputForm::kValue) return absl::StrCat(etag, "\n");
  if (form == OutputForm::kTable) {
    return FormatTable({"KEY", "ETAG", "EXPIRES"},
                       {{Printable(key), std::string(etag), ExpiryText(expire_time)}});
  }
  JsonObject object;
  AddKey(object, key);
  object.AddText("etag", etag);
  AddExpiry(object, expire_time);
  return object.Text() + "\n";
}

std::string FormatDeleted(OutputForm form, absl::string_view key) {
  if (form != OutputForm::kJson) return "";
  JsonObject object;
  AddKey(object, key);
  return object.AddBool("deleted", true).Text() + "\n";
}

std::string FormatTtl(OutputForm form, absl::string_view key, const v1::GetResponse& response,
                      absl::Time now) {
  const google::protobuf::Timestamp* expire_time = ExpiryOf(response);
  std::string left = "never";
  if (expire_time != nullptr) {
    const absl::Duration rest = std::max(ToTime(*expire_time) - now, absl::ZeroDuration());
    left = absl::FormatDuration(absl::Trunc(rest, absl::Milliseconds(1)));
  }
  if (form == OutputForm::kValue) return left + "\n";
  if (form == OutputForm::kTable) {
    return FormatTable({"KEY", "TTL", "EXPIRES"},
                       {{Printable(key), left, ExpiryText(expire_time)}});
  }
  JsonObject object;
  AddKey(object, key);
  object.AddText("ttl", left);
  AddExpiry(object, expire_time);
  return object.Text() + "\n";
}

std::string FormatMultiGet(OutputForm form, const std::vector<std::string>& keys,
                           const v1::MultiGetResponse& response) {
  std::string out;
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::MultiGetResult& result = response.results(i);
    const bool found = result.has_ok() && result.ok().found();
    if (form == OutputForm::kTable) {
      const std::string why =
          result.has_error() ? "error: " + result.error().reason() : "not found";
      rows.push_back(
          found ? ValueRow(keys[i], result.ok())
                : std::vector<std::string>{Printable(keys[i]), "(" + why + ")", "", "", ""});
    } else if (form == OutputForm::kJson && !result.has_error()) {
      absl::StrAppend(&out, ValueJson(keys[i], result.ok()), "\n");
    } else if (form == OutputForm::kValue) {
      absl::StrAppend(&out, found ? result.ok().value() : std::string(), "\n");
    }
  }
  return form == OutputForm::kTable ? FormatTable(ValueHeader(), rows) : out;
}

absl::Status StatusOfMultiGet(const std::vector<std::string>& keys,
                              const v1::MultiGetResponse& response) {
  std::vector<std::string> missing;
  for (int i = 0; i < response.results_size(); ++i) {
    const v1::MultiGetResult& result = response.results(i);
    if (result.has_error()) {
      return client::ToStatus(
          {.code = static_cast<absl::StatusCode>(result.error().code()),
           .message = absl::StrCat(Printable(keys[i]), ": ", result.error().message()),
           .reason = result.error().reason(),
           .outcome = client::Outcome::kNotApplied});
    }
    if (!result.ok().found()) missing.push_back(Printable(keys[i]));
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("not found: ", absl::StrJoin(missing, ", ")));
}

std::string FormatScanEntry(OutputForm form, const v1::ScanEntry& entry, bool with_value) {
  if (form == OutputForm::kJson) {
    JsonObject object;
    AddKey(object, entry.key());
    object.AddText("etag", entry.etag());
    AddExpiry(object, entry.has_expire_time() ? &entry.expire_time() : nullptr);
    if (with_value) object.AddBytes("value", entry.value());
    return object.Text() + "\n";
  }
  if (form == OutputForm::kValue) {
    return with_value ? absl::StrCat(entry.key(), "\t", entry.value(), "\n") : entry.key() + "\n";
  }
  const std::string key = Printable(entry.key());
  if (!with_value) return key + "\n";
  return absl::StrCat(key, "  ", Shortened(Printable(entry.value()), kValueColumnsMax), "\n");
}

}  // namespace quorumcache::cli
